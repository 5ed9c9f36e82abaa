"""Read, sort and answer the incoming mail of French public services, offline."""

__version__ = "0.1.0"

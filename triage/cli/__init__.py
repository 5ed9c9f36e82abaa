"""The command line: each module is one command, which parses options, calls one library function and prints.

Nothing heavy is imported before a command runs.
"""

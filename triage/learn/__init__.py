"""An output folder's journal, agents' verdicts, a base corpus -> corrections, a candidate model, a numbered release.

corrections   an agent's answer on an outcome -> a correction in the journal; which corrections stand
sheet         outcomes -> a CSV or JSON file for agents, the most uncertain first; the file filled in -> answers
folders       mails that agents moved into a service's mailbox -> answers
lessons       standing corrections -> examples to learn from, and examples held out for ever
retrain       base corpus and lessons -> a challenger, judged beside the champion, released or not
releases      a folder of numbered, immutable models, and which of them is in use

Only what agents say is learned, never what the program said. Heavy modules are imported inside functions.
"""

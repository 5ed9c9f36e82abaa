"""An output folder's journal, agents' verdicts, a base corpus -> corrections, a candidate model, a numbered release.

corrections   an agent's answer on an outcome -> a correction in the journal; which corrections stand
sampling      outcomes -> the messages to show to agents, the most uncertain first; what a random sample tells
sheet         those messages as a CSV or JSON file for agents; the file filled in -> answers
folders       mails that agents moved into a service's mailbox -> answers
lessons       standing corrections -> examples to learn from, and examples held out for ever
retrain       base corpus and lessons -> a challenger, released or not
judge         champion and challenger on the same mails -> whether it may be released, and why
releases      a folder of numbered, immutable models, and which of them is in use
account       one decision -> what its transparency asks: contribution, data, parameters and weights, operations
monitor       outcomes and verdicts -> volumes, coverage, drift, error budget, lateness; alerts
forget        a sender, an age -> outcomes, drafts, copies and verdicts removed for good; who learned from them
pseudonymise  a corpus -> the same without its persons, addresses and numbers (pseudonyms); recall
mapping       a mapping file -> what becomes of each label in a change of organisation
reorganise    corpora and a journal in the old labels -> in the new ones
organisation  examples -> the same without labels that exist no more
collect       sorted mailboxes and exports of other tools -> rows of a corpus
choices       a file of labels -> the labels a session may give, a key of the keyboard for each
labelling     unlabelled texts -> a session that asks for the most informative labels first
past          a message decided earlier -> its mail and the release that decided it

Only what agents say is learned, never what the program said. Heavy modules are imported inside functions.
"""

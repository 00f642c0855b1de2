"""The shop behind the demo bot: orders, parcels, cases and flights with tables of their own.

It stands for a business's systems and speaks the contract of ``docs/actions.md`` with the product, like any other server
of actions: nothing here is called by the dialogue except through signed requests.
"""

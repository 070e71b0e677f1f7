"""The local WeChat: the platform's rules, its webhook deliveries, and a phone page to try the bot on.

It imports none of the other rooms and knows nothing about what the bot means; it only knows what the platform allows.
"""

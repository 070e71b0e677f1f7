"""The edges and the wiring: the only room that knows Flask, wechatpy, Redis, Dramatiq and HTTP."""

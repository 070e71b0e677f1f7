"""The commands, one file a group. Each body is thin: build the runtime, call one use case, print what it gives."""

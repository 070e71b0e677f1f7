"""What a resident wants: tokens -> ranked intents, by rules staff can read. No files, no clock, no learning here."""

"""Gremium turns the tables an office keeps into the papers its bodies need."""

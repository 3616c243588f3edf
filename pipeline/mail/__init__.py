"""Messages: composed, guarded, frozen, sent once, and accounted for."""

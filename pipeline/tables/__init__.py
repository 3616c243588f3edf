"""Table files in, checked records out; and workbooks for people to fill in or mend."""

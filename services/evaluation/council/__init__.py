"""Councils: sessions, members' scorecards, conclusions and what follows from them (Decision 26/2026/QĐ-TTg, Art. 7)."""

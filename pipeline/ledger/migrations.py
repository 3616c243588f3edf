"""The tables of the ledger, step by step. `docs/ledger.md` describes what they hold now.

A step is never changed after it was released; a new one goes to the end, and its place is the ledger's version.
"""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE documents (          -- the present revision of each paper
        key TEXT PRIMARY KEY,         -- memorandum/P-017
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,        -- file stem, which names no person
        docx TEXT NOT NULL,           -- path from the workspace
        pdf TEXT NOT NULL,
        revision INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,    -- sha-256 of everything it was made from
        inputs BLOB NOT NULL,         -- what that was, field by field: deflated JSON
        docx_sha256 TEXT NOT NULL,
        pdf_sha256 TEXT NOT NULL,
        seconds REAL NOT NULL,        -- what making it took
        built_by TEXT NOT NULL,
        built_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE approvals (          -- a release of exactly these bytes; it dies with them
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        docx_sha256 TEXT NOT NULL,
        pdf_sha256 TEXT NOT NULL,
        approved_by TEXT NOT NULL,
        approved_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX approvals_by_key ON approvals (key);
    CREATE TABLE signatures (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        field TEXT NOT NULL,          -- signature field, named after the signatory: stadt
        signer TEXT NOT NULL,         -- subject of the certificate
        path TEXT NOT NULL,           -- the signed file, from the workspace
        base_sha256 TEXT NOT NULL,    -- of the built PDF it rests on
        sha256 TEXT NOT NULL,         -- of the file with this signature
        signed_at TEXT NOT NULL,
        UNIQUE (key, base_sha256, field)
    ) STRICT;
    CREATE TABLE messages (           -- one row a message; its state says how far it came
        id TEXT PRIMARY KEY,          -- Message-ID without angle brackets
        key TEXT NOT NULL,            -- of the paper it carries
        kind TEXT NOT NULL,
        pdf_sha256 TEXT NOT NULL,     -- the paper's bytes it carries
        path TEXT NOT NULL,           -- the frozen message, from the workspace
        sha256 TEXT NOT NULL,         -- of the frozen message
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        reply TEXT NOT NULL DEFAULT '',
        changed_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_key ON messages (key);
    CREATE TABLE events (             -- what happened, in order; only ever added to
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        what TEXT NOT NULL,           -- built, approved, signed, frozen, sent …
        key TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE approvals ADD COLUMN envelope TEXT NOT NULL DEFAULT '';  -- sha-256 of recipient and mail text it covers; '' for papers not mailed
    ALTER TABLE approvals ADD COLUMN reason TEXT NOT NULL DEFAULT '';    -- why it was rejected; '' for a release
    ALTER TABLE approvals ADD COLUMN login TEXT NOT NULL DEFAULT '';     -- who sat at the machine
    ALTER TABLE approvals ADD COLUMN inputs BLOB;                        -- what that revision was made from: deflated JSON
    ALTER TABLE approvals ADD COLUMN proof BLOB;                         -- CMS signature of the approver over the statement, DER
    CREATE TABLE issues (             -- a revision that left the house; one row each time
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        base_sha256 TEXT NOT NULL,    -- of the built PDF it rests on
        sha256 TEXT NOT NULL,         -- of the file given out
        path TEXT NOT NULL,           -- that file, from the workspace
        way TEXT NOT NULL,            -- hand, post, mail
        issued_at TEXT NOT NULL,
        reminded INTEGER NOT NULL DEFAULT 0,      -- how often somebody was reminded of it
        withdrawn_at TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT ''           -- why it was withdrawn
    ) STRICT;
    CREATE INDEX issues_by_key ON issues (key);
    """,
    """
    ALTER TABLE documents ADD COLUMN docx_seen TEXT NOT NULL DEFAULT '';   -- size, times and inode when it was last read whole
    ALTER TABLE documents ADD COLUMN pdf_seen TEXT NOT NULL DEFAULT '';
    CREATE TABLE revisions (          -- every revision a paper ever had
        key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        fingerprint TEXT NOT NULL,
        docx_sha256 TEXT NOT NULL,
        pdf_sha256 TEXT NOT NULL,
        built_by TEXT NOT NULL,
        built_at TEXT NOT NULL,
        PRIMARY KEY (key, revision)
    ) STRICT;
    INSERT INTO revisions SELECT key, revision, fingerprint, docx_sha256, pdf_sha256, built_by, built_at FROM documents;
    CREATE TABLE templates (          -- what the templates were that papers were made from
        file TEXT PRIMARY KEY,        -- sha-256 of the file's bytes
        reading INTEGER NOT NULL,     -- number of the rules by which it was read
        essence TEXT NOT NULL,        -- sha-256 of what it says and looks like
        fonts TEXT NOT NULL,          -- the families it names: JSON
        pieces BLOB NOT NULL          -- paragraph by paragraph: deflated JSON
    ) STRICT;
    CREATE INDEX templates_by_essence ON templates (essence);
    CREATE TABLE failures (           -- papers the last build of them could not make
        key TEXT PRIMARY KEY,
        error TEXT NOT NULL,
        failed_at TEXT NOT NULL
    ) STRICT;
    ALTER TABLE events ADD COLUMN chain TEXT NOT NULL DEFAULT '';          -- sha-256 over the former link and this event
    CREATE TEMP TABLE linked (id INTEGER PRIMARY KEY, chain TEXT);
    INSERT INTO linked
        WITH RECURSIVE walk (id, chain) AS (
            SELECT id, chained('', at, what, key, detail) FROM events WHERE id = (SELECT min(id) FROM events)
            UNION ALL
            SELECT events.id, chained(walk.chain, events.at, events.what, events.key, events.detail)
            FROM walk JOIN events ON events.id = (SELECT min(id) FROM events WHERE id > walk.id)
        ) SELECT id, chain FROM walk;
    UPDATE events SET chain = (SELECT linked.chain FROM linked WHERE linked.id = events.id);
    DROP TABLE linked;
    CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
    CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
    """,
    """
    CREATE TABLE returns (            -- what came back: one row for each received file and paper
        id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL,         -- of the file as it was received
        name TEXT NOT NULL,           -- file name it came under
        origin TEXT NOT NULL,         -- file, mail, scan
        key TEXT NOT NULL,            -- of the paper; '' where the file does not tell
        revision INTEGER NOT NULL,    -- 0 where the file does not tell
        state TEXT NOT NULL,          -- accepted, to-confirm, refused, unclear
        answers TEXT NOT NULL,        -- integrity, signatory, change, document: indication, reason and sentence as JSON
        sentence TEXT NOT NULL,
        path TEXT NOT NULL,           -- the original, from the workspace
        missing TEXT NOT NULL,        -- pages that did not come: JSON list
        received_at TEXT NOT NULL,
        confirmed_by TEXT NOT NULL DEFAULT '',
        confirmed_at TEXT NOT NULL DEFAULT '',
        UNIQUE (sha256, key)
    ) STRICT;
    CREATE INDEX returns_by_key ON returns (key);
    """,
    """
    CREATE TABLE inbox (              -- one row a mail that was read
        id TEXT PRIMARY KEY,          -- sha-256 over its Message-ID and its text
        place TEXT NOT NULL,          -- where it was read: imap://post.example/INBOX;uidvalidity=7/;uid=12; the file's name elsewhere
        sort TEXT NOT NULL,           -- what it was taken for: hard, soft, auto-reply, calendar …
        message TEXT NOT NULL,        -- Message-ID of the one of our messages it is about; '' for none
        code TEXT NOT NULL,           -- status code of a bounce (RFC 3463)
        read_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX inbox_by_message ON inbox (message);
    """,
    """
    CREATE TABLE entries (            -- calendar entries: which state of a meeting each message carries
        message TEXT PRIMARY KEY,     -- of messages
        key TEXT NOT NULL,            -- of the paper: invitation/M-003/P-017
        meeting TEXT NOT NULL,
        person TEXT NOT NULL,         -- key of the recipient in the tables
        uid TEXT NOT NULL,            -- of the meeting in all calendars
        sequence INTEGER NOT NULL,
        method TEXT NOT NULL,         -- REQUEST, CANCEL
        start TEXT NOT NULL,          -- 2017-06-20T16:00, on clocks in Berlin; '' for entries older than this table
        said TEXT NOT NULL,           -- the meeting as the entry tells of it: JSON
        sha256 TEXT NOT NULL,         -- of the entry
        name_sha256 TEXT NOT NULL,    -- of the recipient's name
        address_sha256 TEXT NOT NULL  -- of the address it went to
    ) STRICT;
    CREATE INDEX entries_by_key ON entries (key);
    INSERT INTO entries
        SELECT id, key, substr(substr(key, 12), 1, instr(substr(key, 12), '/') - 1), substr(substr(key, 12), instr(substr(key, 12), '/') + 1),
            substr(substr(key, 12), 1, instr(substr(key, 12), '/') - 1) || substr(id, instr(id, '@')),
            (SELECT count(*) FROM messages AS earlier WHERE earlier.key = messages.key AND earlier.rowid < messages.rowid
                AND earlier.state IN ('sent', 'sending', 'unknown')), 'REQUEST', '', '{}', '', '', ''
        FROM messages WHERE kind = 'invitation' AND state <> 'printed' AND key LIKE 'invitation/%/%';
    CREATE TABLE answers (            -- every answer to an invitation
        source TEXT PRIMARY KEY,      -- Message-ID of the answer
        key TEXT NOT NULL,            -- of the paper it answers
        uid TEXT NOT NULL,            -- '' where it was no calendar reply
        attendee_sha256 TEXT NOT NULL,
        answer TEXT NOT NULL,         -- accepted, declined, tentative, counter
        sequence INTEGER NOT NULL,    -- the entry it answers
        proposed TEXT NOT NULL,       -- the time a counter-proposal names
        received_at TEXT NOT NULL,
        from_sha256 TEXT NOT NULL     -- of the address it was sent from
    ) STRICT;
    CREATE INDEX answers_by_key ON answers (key);
    CREATE TABLE reminders (          -- messages that remind of an answer
        message TEXT PRIMARY KEY,     -- of messages
        key TEXT NOT NULL,
        number INTEGER NOT NULL,      -- from 1
        day TEXT NOT NULL             -- on which it was frozen; one a day
    ) STRICT;
    CREATE TABLE silenced (           -- addresses of people who were erased or object: nothing may go there
        address_sha256 TEXT PRIMARY KEY,
        since TEXT NOT NULL
    ) STRICT;
    CREATE TABLE secrets (secret TEXT NOT NULL) STRICT;     -- one row: makes UIDs impossible to guess
    INSERT INTO secrets VALUES (lower(hex(randomblob(32))));
    """,
    """
    CREATE TABLE consignments (       -- messages and letters about papers that are given out: what is noted of the paper once one has left
        message TEXT PRIMARY KEY,     -- of messages
        purpose TEXT NOT NULL,        -- issue, reminder, notice
        issue INTEGER,                -- of issues: which it is about; of an issue NULL until it has left
        key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        base_sha256 TEXT NOT NULL,    -- of the built PDF it rests on
        sha256 TEXT NOT NULL,         -- of the file
        path TEXT NOT NULL,           -- that file, from the workspace
        way TEXT NOT NULL,            -- mail, post
        done INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    ALTER TABLE issues ADD COLUMN reminded_at TEXT NOT NULL DEFAULT '';    -- the last time
    """,
)

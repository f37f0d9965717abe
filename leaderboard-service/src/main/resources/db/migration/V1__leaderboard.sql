CREATE TABLE leaderboard.board (
    id           text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{1,40}$'),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    score_order  text NOT NULL CHECK (score_order IN ('desc', 'asc')),
    score_policy text NOT NULL CHECK (score_policy IN ('best', 'sum', 'last')),
    position     int NOT NULL UNIQUE
);

-- Orders everything that ever reached a score, on all boards: the earlier one ranks first among equals.
CREATE SEQUENCE leaderboard.reached AS bigint;

-- The bounds are those within which a double, the store's score, holds every integer exactly.
CREATE TABLE leaderboard.standing (
    board_id   text NOT NULL REFERENCES leaderboard.board (id),
    player_id  uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    score      bigint NOT NULL CHECK (score BETWEEN -9007199254740991 AND 9007199254740991),
    reached    bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (board_id, player_id)
);

CREATE INDEX standing_updated ON leaderboard.standing (board_id, updated_at);

-- What was handed in, and what became of it. A submission_id counts once per player and board.
CREATE TABLE leaderboard.submission (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    board_id       text NOT NULL,
    player_id      uuid NOT NULL,
    submission_id  text CHECK (length(submission_id) BETWEEN 1 AND 64),
    submitted      bigint NOT NULL,
    score          bigint NOT NULL,
    previous_score bigint,
    improved       boolean NOT NULL,
    at             timestamptz NOT NULL,
    FOREIGN KEY (board_id, player_id) REFERENCES leaderboard.standing (board_id, player_id)
        ON DELETE CASCADE,
    UNIQUE (board_id, player_id, submission_id)
);

CREATE INDEX submission_at ON leaderboard.submission (at);

INSERT INTO leaderboard.board (id, name, score_order, score_policy, position) VALUES
    ('global', 'Global', 'desc', 'best', 1),
    ('weekly-coins', 'Weekly coins', 'desc', 'sum', 2),
    ('time-trial', 'Time trial', 'asc', 'best', 3);

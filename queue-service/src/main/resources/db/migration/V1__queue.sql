CREATE TABLE queue.queue (
    name     text PRIMARY KEY CHECK (name ~ '^[a-z0-9-]{1,40}$'),
    position int NOT NULL UNIQUE
);

-- Jobs that have come to an end. A job that failed may be retried and complete later; a completed
-- one never changes again.
CREATE TABLE queue.finished_job (
    id           uuid PRIMARY KEY,
    queue        text NOT NULL REFERENCES queue.queue (name),
    type         text NOT NULL,
    payload      text NOT NULL,
    state        text NOT NULL CHECK (state IN ('completed', 'failed')),
    attempt      int NOT NULL,
    max_attempts int NOT NULL,
    tries        int NOT NULL,
    enqueued_at  timestamptz NOT NULL,
    finished_at  timestamptz NOT NULL,
    result       text,
    last_error   text,
    worker       text
);

CREATE INDEX finished_job_newest ON queue.finished_job (queue, state, finished_at);
CREATE INDEX finished_job_oldest ON queue.finished_job (finished_at);

INSERT INTO queue.queue (name, position) VALUES ('checksums', 1), ('mail', 2);

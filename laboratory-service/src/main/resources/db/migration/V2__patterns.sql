-- Rows of lanes that follow the database: each change is written down and told of in its transaction.
ALTER TABLE laboratory.item ADD COLUMN captured boolean NOT NULL DEFAULT false;

CREATE TABLE laboratory.change (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    text NOT NULL,
    key     text NOT NULL,
    version bigint,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION laboratory.tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO laboratory.change (kind, key, version)
    VALUES (NEW.run || ':' || NEW.lane, NEW.key::text, NEW.version);
    PERFORM pg_notify('laboratory_change', '');
    RETURN NULL;
END $$;

CREATE TRIGGER item_changed AFTER UPDATE ON laboratory.item
    FOR EACH ROW WHEN (NEW.captured) EXECUTE FUNCTION laboratory.tell_change();

-- How far the database is with each queue of writes that are stored later (JdbcProgress).
CREATE TABLE laboratory.write_behind_progress (
    cache     text NOT NULL,
    partition int NOT NULL,
    last_id   text NOT NULL,
    fence     bigint NOT NULL,
    PRIMARY KEY (cache, partition)
);

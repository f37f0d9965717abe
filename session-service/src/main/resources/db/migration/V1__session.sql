-- People, by the name they chose. The name is compared without case.
create table person (
    id            uuid        primary key,
    display_name  text        not null check (char_length(display_name) between 1 and 40),
    name_key      text        not null unique,
    created_at    timestamptz not null default now(),
    last_seen_at  timestamptz not null default now()
);

-- A room counts its own messages: the row is locked while one is added, so ids have no gaps and are
-- committed in their order.
create table room (
    id       text    primary key,
    name     text    not null,
    last_id  bigint  not null default 0,
    last_at  timestamptz
);

create table message (
    room         text         not null references room (id),
    id           bigint       not null,
    author_id    uuid         not null,
    author_name  text         not null,
    body         text         not null check (char_length(body) <= 2000),
    client_id    text,
    at           timestamptz  not null default now(),
    primary key (room, id)
);

insert into room (id, name) values
    ('lobby', 'Lobby'),
    ('cooking', 'Cooking'),
    ('music', 'Music');

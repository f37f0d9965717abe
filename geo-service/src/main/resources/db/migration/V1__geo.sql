-- Places that stay where they are. What moves lives in the store alone.
create table place (
    collection  text              not null,
    id          text              not null,
    name        text              not null,
    kind        text              not null,
    longitude   double precision  not null check (longitude between -180 and 180),
    latitude    double precision  not null check (latitude between -85.05112878 and 85.05112878),
    properties  text              not null default '{}',
    changed_at  timestamptz       not null default now(),
    primary key (collection, id)
);

-- How far the database is with what the store's queue has accepted, one row a partition: written in
-- the transaction of the rows themselves, so that each accepted write is stored exactly once.
create table write_behind_progress (
  cache     text not null,
  partition int not null,
  last_id   text not null,
  fence     bigint not null,
  primary key (cache, partition)
);

-- What a product has cost, what was bought together, and what has changed (for caches to follow).

-- A maker's version of a product; null for the product itself.
alter table product add column variant_of bigint references product (id) on delete cascade;
create index variant_of_product on product (variant_of) where variant_of is not null;

-- The third way into a shelf: by price.
create index product_by_price on product (category_id, price_cents, id);

-- Each price since when it has held; written by a trigger, whoever sets the price.
create table price (
  product_id  bigint not null references product (id) on delete cascade,
  since       timestamptz not null,
  price_cents bigint not null check (price_cents >= 0),
  currency    text not null check (currency ~ '^[A-Z]{3}$'),
  primary key (product_id, since)
);

insert into price (product_id, since, price_cents, currency)
select id, updated_at, price_cents, currency from product;

create table purchase (
  id bigint primary key,
  at timestamptz not null
);

create table purchase_line (
  purchase_id bigint not null references purchase (id) on delete cascade,
  product_id  bigint not null references product (id) on delete cascade,
  quantity    integer not null check (quantity between 1 and 1000),
  price_cents bigint not null check (price_cents >= 0),
  primary key (purchase_id, product_id)
);

-- "Also bought" goes from a product to its purchases, and by the primary key to their other lines.
create index purchase_line_of_product on purchase_line (product_id, purchase_id);

-- The outbox: what has changed and no cache has been told yet. Rows are taken by DELETE.
--   kind      key         what caches do
--   product   product id  drop what is older than `version` (null = drop), and searches that show it
--   category  its id      drop the searches in it, and those that are in none
--   all       -           drop everything: more has changed at once than is worth listing
create table change (
  id      bigint generated always as identity primary key,
  kind    text not null check (kind in ('product', 'category', 'all')),
  key     text not null,
  version bigint,
  at      timestamptz not null default clock_timestamp()
);

-- A change that does not raise the version itself (psql, another program) has it raised: once in a
-- transaction, as the version counts commits.
create function version_product() returns trigger language plpgsql as $$
begin
  if new.version = old.version
     and old.xmin::text::bigint <> pg_current_xact_id()::text::bigint % 4294967296 then
    new.version := old.version + 1;
    new.updated_at := clock_timestamp();
  end if;
  return new;
end $$;

create trigger version_product before update on product
  for each row execute function version_product();

-- Statement by statement, not row by row: a bulk load is one row in the outbox, not its size.
create function tell_product() returns trigger language plpgsql as $$
declare
  most constant integer := 1000;
begin
  if tg_op = 'TRUNCATE' then
    insert into catalog.change (kind, key) values ('all', '-');
  elsif tg_op = 'INSERT' then
    if not exists (select from arrived) then
      return null;
    end if;
    insert into catalog.price (product_id, since, price_cents, currency)
      select id, clock_timestamp(), price_cents, currency from arrived;
    if (select count(*) from (select from arrived limit most + 1) few) > most then
      insert into catalog.change (kind, key) values ('all', '-');
    else
      insert into catalog.change (kind, key, version)
        select 'product', id::text, version from arrived
        union all select distinct 'category', category_id, null::bigint from arrived;
    end if;
  elsif tg_op = 'DELETE' then
    if not exists (select from gone) then
      return null;
    end if;
    if (select count(*) from (select from gone limit most + 1) few) > most then
      insert into catalog.change (kind, key) values ('all', '-');
    else
      insert into catalog.change (kind, key)
        select 'product', id::text from gone
        union all select distinct 'category', category_id from gone;
    end if;
  else
    if not exists (select from arrived) then
      return null;
    end if;
    insert into catalog.price (product_id, since, price_cents, currency)
      select a.id, clock_timestamp(), a.price_cents, a.currency
      from arrived a join gone g using (id)
      where (a.price_cents, a.currency) <> (g.price_cents, g.currency);
    if (select count(*) from (select from arrived limit most + 1) few) > most then
      insert into catalog.change (kind, key) values ('all', '-');
    else
      insert into catalog.change (kind, key, version)
        select 'product', id::text, version from arrived
        union all
        select distinct 'category', moved.category_id, null::bigint
        from arrived a join gone g using (id)
        cross join lateral (values (a.category_id), (g.category_id)) moved (category_id)
        where a.category_id <> g.category_id;
    end if;
  end if;
  perform pg_notify('catalog_change', '');
  return null;
end $$;

create trigger tell_new_product after insert on product
  referencing new table as arrived for each statement execute function tell_product();
create trigger tell_product after update on product
  referencing old table as gone new table as arrived for each statement execute function tell_product();
create trigger tell_gone_product after delete on product
  referencing old table as gone for each statement execute function tell_product();
create trigger tell_no_product after truncate on product
  for each statement execute function tell_product();

-- Stars are kept beside the reviews; this keeps them true whoever writes the review, and by the
-- update of the product its caches hear of it.
create function rate_product() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform catalog.rate(array(select distinct product_id from arrived));
  elsif tg_op = 'DELETE' then
    perform catalog.rate(array(select distinct product_id from gone));
  else
    perform catalog.rate(
      array(select product_id from arrived union select product_id from gone));
  end if;
  return null;
end $$;

-- The version rises even when mean and number stay, as the product's page shows the reviews; what
-- was changed by this transaction before has its new version already.
create function rate(products bigint[]) returns void language sql as $$
  update catalog.product p
  set rating = r.mean, review_count = r.number
  from (select one.id, avg(review.stars)::double precision as mean, count(review.id) as number
        from unnest(products) as one (id) left join catalog.review on review.product_id = one.id
        group by one.id) r
  where p.id = r.id
    and ((p.rating, p.review_count) is distinct from (r.mean, r.number)
         or p.xmin::text::bigint <> pg_current_xact_id()::text::bigint % 4294967296)
$$;

create trigger rate_by_new_review after insert on review
  referencing new table as arrived for each statement execute function rate_product();
create trigger rate_by_review after update on review
  referencing old table as gone new table as arrived for each statement execute function rate_product();
create trigger rate_by_gone_review after delete on review
  referencing old table as gone for each statement execute function rate_product();

create function tell_category() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' or new.name <> old.name then
    insert into catalog.change (kind, key)
      values ('category', case tg_op when 'DELETE' then old.id else new.id end);
    perform pg_notify('catalog_change', '');
  end if;
  return null;
end $$;

create trigger tell_category after insert or update or delete on category
  for each row execute function tell_category();

-- A number from 0 to 1 that is the same for the same thing everywhere: chance for made-up data.
create function chance(what text, salt bigint) returns double precision
language sql immutable strict parallel safe as $$
  select (hashtextextended(what, salt) & 4294967295)::double precision / 4294967296
$$;

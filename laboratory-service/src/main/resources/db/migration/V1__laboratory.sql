-- What a load has to reckon with: 80,000 sold things in 20,000 baskets of four, the same on every machine.
-- Products come near each other in baskets, so that "also bought" has an answer.
CREATE TABLE laboratory.sale (
    basket   int NOT NULL,
    product  int NOT NULL,
    day      int NOT NULL,
    quantity int NOT NULL,
    cents    int NOT NULL,
    PRIMARY KEY (basket, product)
);

INSERT INTO laboratory.sale (basket, product, day, quantity, cents)
SELECT basket,
       (basket * 7 + place * place * (1 + basket % 3)) % 256,
       basket % 365,
       1 + (basket + place) % 4,
       100 + (basket * 37 + place * 101) % 9900
FROM generate_series(1, 20000) basket, generate_series(1, 4) place
ORDER BY 1, 2;

CREATE INDEX sale_of_product ON laboratory.sale (product);

CREATE TABLE laboratory.run (
    id       text PRIMARY KEY,
    begun_at timestamptz NOT NULL DEFAULT now()
);

-- Each lane has rows of its own, so that no pattern sees what another one writes.
CREATE TABLE laboratory.item (
    run     text NOT NULL,
    lane    text NOT NULL,
    key     int NOT NULL,
    version bigint NOT NULL,
    text    text NOT NULL,
    PRIMARY KEY (run, lane, key)
);

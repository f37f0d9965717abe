package dev.larder.suite;

import java.util.List;

/**
 * The vocabulary of one category: a name is a quality, a thing and a detail; a description is a
 * sentence about the thing ({@code %s}) and what it is for.
 */
record Shelf(
        String id,
        String name,
        String code,
        int centsMin,
        int centsMax,
        List<String> qualities,
        List<String> things,
        List<String> details,
        List<String> sentences,
        List<String> uses) {

    static final List<Shelf> ALL =
            List.of(
                    new Shelf(
                            "coffee-tea",
                            "Coffee and tea",
                            "COF",
                            390,
                            3900,
                            List.of(
                                    "Slow-roasted",
                                    "Single-estate",
                                    "Hand-picked",
                                    "High-grown",
                                    "Shade-grown",
                                    "First-flush"),
                            List.of(
                                    "Espresso Beans",
                                    "Filter Coffee",
                                    "Darjeeling",
                                    "Sencha",
                                    "Assam",
                                    "Earl Grey",
                                    "Rooibos",
                                    "Mocha Beans"),
                            List.of("125 g", "250 g", "500 g", "1 kg tin"),
                            List.of(
                                    "A %s with a round body and very little bitterness.",
                                    "This %s is packed within a week of the order.",
                                    "Bright and clean: a %s for people who drink it without sugar."),
                            List.of(
                                    "Good for a first cup and still good for the third.",
                                    "Takes milk well.",
                                    "Best brewed a little cooler than boiling.")),
                    new Shelf(
                            "spices-herbs",
                            "Spices and herbs",
                            "SPI",
                            190,
                            1890,
                            List.of("Whole", "Ground", "Smoked", "Sun-dried", "Toasted", "Wild"),
                            List.of(
                                    "Cumin",
                                    "Coriander",
                                    "Paprika",
                                    "Oregano",
                                    "Black Pepper",
                                    "Cardamom",
                                    "Fennel Seed",
                                    "Sumac"),
                            List.of("30 g jar", "60 g jar", "100 g bag", "250 g bag"),
                            List.of(
                                    "%s from this year's harvest, sealed the day it is cleaned.",
                                    "Warm and strong: half of what you would use of another %s is"
                                            + " enough.",
                                    "A %s that smells of something when the jar is opened."),
                            List.of(
                                    "Lovely on roasted roots and in a lentil pot.",
                                    "Add it early and let it warm in the oil.",
                                    "A pinch at the table does as well.")),
                    new Shelf(
                            "preserves",
                            "Jams and preserves",
                            "PRE",
                            290,
                            1690,
                            List.of(
                                    "Copper-kettle",
                                    "Low-sugar",
                                    "Old-fashioned",
                                    "Orchard",
                                    "Spiced",
                                    "Coarse-cut"),
                            List.of(
                                    "Apricot Jam",
                                    "Quince Jelly",
                                    "Plum Butter",
                                    "Orange Marmalade",
                                    "Blackcurrant Jam",
                                    "Fig Preserve",
                                    "Tomato Chutney",
                                    "Pickled Beets"),
                            List.of("220 g", "340 g", "450 g", "set of three"),
                            List.of(
                                    "A %s cooked in small batches, so the fruit stays whole.",
                                    "More fruit than sugar: a %s that is not shy.",
                                    "This %s keeps its colour because it is cooked fast."),
                            List.of(
                                    "Made for buttered toast.",
                                    "Try it with a hard cheese.",
                                    "Stirred into yoghurt it makes a breakfast.")),
                    new Shelf(
                            "grains-pasta",
                            "Grains and pasta",
                            "GRA",
                            190,
                            1290,
                            List.of(
                                    "Bronze-drawn",
                                    "Stone-ground",
                                    "Whole-grain",
                                    "Slow-dried",
                                    "Heritage",
                                    "Organic"),
                            List.of(
                                    "Spaghetti",
                                    "Penne",
                                    "Basmati Rice",
                                    "Arborio Rice",
                                    "Pearl Barley",
                                    "Couscous",
                                    "Rolled Oats",
                                    "Polenta"),
                            List.of("400 g", "500 g", "1 kg", "2.5 kg sack"),
                            List.of(
                                    "%s with a bite that holds while the sauce is being argued"
                                            + " about.",
                                    "An everyday %s, milled and packed by one family.",
                                    "This %s takes up a sauce instead of carrying it."),
                            List.of(
                                    "Salt the water well.",
                                    "Keeps for two years in a dry cupboard.",
                                    "Enough for six, or four with second helpings.")),
                    new Shelf(
                            "oils-vinegars",
                            "Oils and vinegars",
                            "OIL",
                            490,
                            4490,
                            List.of(
                                    "Cold-pressed",
                                    "Barrel-aged",
                                    "Unfiltered",
                                    "Early-harvest",
                                    "Mild",
                                    "Peppery"),
                            List.of(
                                    "Olive Oil",
                                    "Walnut Oil",
                                    "Rapeseed Oil",
                                    "Sesame Oil",
                                    "Cider Vinegar",
                                    "Sherry Vinegar",
                                    "Balsamic Vinegar",
                                    "Rice Vinegar"),
                            List.of("100 ml", "250 ml", "500 ml", "1 l can"),
                            List.of(
                                    "A %s in dark glass, because light spoils it.",
                                    "Pressed and bottled at one place: a %s with a name on it.",
                                    "This %s is for the salad, not for the pan."),
                            List.of(
                                    "Three spoons of it dress a large bowl.",
                                    "Keep it cool and use it up within the year.",
                                    "A few drops finish a soup.")),
                    new Shelf(
                            "baking",
                            "Baking",
                            "BAK",
                            190,
                            3490,
                            List.of(
                                    "Professional",
                                    "Fine",
                                    "Dark",
                                    "Unbleached",
                                    "Everyday",
                                    "Rich"),
                            List.of(
                                    "Bread Flour",
                                    "Cocoa Powder",
                                    "Couverture Drops",
                                    "Vanilla Paste",
                                    "Dried Yeast",
                                    "Almond Meal",
                                    "Muscovado Sugar",
                                    "Rye Flour"),
                            List.of("200 g", "500 g", "1 kg", "5 kg bag"),
                            List.of(
                                    "The %s we bake with ourselves.",
                                    "A %s that behaves the same in every batch.",
                                    "This %s gives a deep colour and an even crumb."),
                            List.of(
                                    "For bread, and for what is left over from bread.",
                                    "Weigh it; do not trust the cup.",
                                    "A little goes into pancakes, too.")),
                    new Shelf(
                            "pots-pans",
                            "Pots and pans",
                            "POT",
                            1490,
                            28900,
                            List.of(
                                    "Cast-iron",
                                    "Copper",
                                    "Enamelled",
                                    "Carbon-steel",
                                    "Three-ply",
                                    "Hammered"),
                            List.of(
                                    "Skillet",
                                    "Saucepan",
                                    "Casserole",
                                    "Stockpot",
                                    "Wok",
                                    "Roasting Tin",
                                    "Crêpe Pan",
                                    "Milk Pot"),
                            List.of("16 cm", "20 cm", "24 cm", "28 cm", "32 cm"),
                            List.of(
                                    "A %s that will be handed on.",
                                    "Heavy where it must be and light where it may: a %s for every"
                                            + " day.",
                                    "This %s goes from the hob to the oven and to the table."),
                            List.of(
                                    "Works on induction.",
                                    "The handle stays cool for longer than you think.",
                                    "Dry it at once and oil it now and then.")),
                    new Shelf(
                            "knives",
                            "Knives and boards",
                            "KNI",
                            990,
                            24900,
                            List.of(
                                    "Forged",
                                    "Full-tang",
                                    "Damascus",
                                    "Walnut-handled",
                                    "Hand-ground",
                                    "Stainless"),
                            List.of(
                                    "Chef's Knife",
                                    "Paring Knife",
                                    "Bread Knife",
                                    "Santoku",
                                    "Boning Knife",
                                    "Carving Set",
                                    "Chopping Board",
                                    "Cleaver"),
                            List.of("small", "medium", "large", "boxed"),
                            List.of(
                                    "A %s with an edge that comes back after four strokes.",
                                    "Well balanced: a %s that does the work by its own weight.",
                                    "This %s is ground by a person whose initials are on it."),
                            List.of(
                                    "Wash it by hand.",
                                    "Comes sharp; please believe it.",
                                    "Fits a hand of any size.")),
                    new Shelf(
                            "tableware",
                            "Tableware",
                            "TAB",
                            490,
                            9900,
                            List.of(
                                    "Stoneware",
                                    "Porcelain",
                                    "Speckled",
                                    "Hand-thrown",
                                    "Blue-rimmed",
                                    "Matt"),
                            List.of(
                                    "Dinner Plate",
                                    "Soup Bowl",
                                    "Mug",
                                    "Serving Dish",
                                    "Pitcher",
                                    "Espresso Cup",
                                    "Salad Bowl",
                                    "Butter Dish"),
                            List.of("single", "set of two", "set of four", "set of six"),
                            List.of(
                                    "A %s with a glaze that is never twice the same.",
                                    "Plain and sturdy: a %s for the table, not for the cabinet.",
                                    "This %s stacks well and chips seldom."),
                            List.of(
                                    "Safe in dishwasher and microwave.",
                                    "Warm it before you serve.",
                                    "Goes with everything that you have already.")),
                    new Shelf(
                            "jars-storage",
                            "Jars and storage",
                            "JAR",
                            290,
                            5900,
                            List.of(
                                    "Airtight",
                                    "Swing-top",
                                    "Cork-lidded",
                                    "Stackable",
                                    "Amber-glass",
                                    "Labelled"),
                            List.of(
                                    "Storage Jar",
                                    "Preserving Jar",
                                    "Bread Bin",
                                    "Spice Rack",
                                    "Flour Tin",
                                    "Oil Bottle",
                                    "Egg Basket",
                                    "Lunch Box"),
                            List.of("0.25 l", "0.5 l", "1 l", "2 l", "set of three"),
                            List.of(
                                    "A %s that closes with a sound you can trust.",
                                    "Square, so that nothing is lost between: a %s for small"
                                            + " shelves.",
                                    "This %s keeps the moths out and the crunch in."),
                            List.of(
                                    "Spare seals are to be had.",
                                    "Boil it before you fill it.",
                                    "Write on it with chalk.")),
                    new Shelf(
                            "linen",
                            "Kitchen linen",
                            "LIN",
                            590,
                            6900,
                            List.of(
                                    "Washed",
                                    "Half-linen",
                                    "Herringbone",
                                    "Striped",
                                    "Waffle",
                                    "Dyed"),
                            List.of(
                                    "Tea Towel",
                                    "Apron",
                                    "Oven Glove",
                                    "Table Runner",
                                    "Napkins",
                                    "Bread Bag",
                                    "Tablecloth",
                                    "Pot Holder"),
                            List.of("natural", "indigo", "brick", "olive", "charcoal"),
                            List.of(
                                    "A %s that dries the first glass and the twentieth.",
                                    "Woven on old looms: a %s with a proper edge.",
                                    "This %s grows softer with every wash."),
                            List.of(
                                    "Wash it at 60 °C.",
                                    "Has a loop, as it should.",
                                    "Irons well and looks better without.")),
                    new Shelf(
                            "small-machines",
                            "Small machines",
                            "MAC",
                            1990,
                            39900,
                            List.of(
                                    "Quiet",
                                    "Compact",
                                    "All-metal",
                                    "Hand-cranked",
                                    "Repairable",
                                    "Variable-speed"),
                            List.of(
                                    "Coffee Grinder",
                                    "Stand Mixer",
                                    "Kettle",
                                    "Toaster",
                                    "Pasta Machine",
                                    "Kitchen Scale",
                                    "Blender",
                                    "Spice Mill"),
                            List.of("white", "black", "steel", "red", "sage"),
                            List.of(
                                    "A %s with a motor that can be changed by anyone with a"
                                            + " screwdriver.",
                                    "It does one thing: a %s without a display.",
                                    "This %s is quieter than the conversation."),
                            List.of(
                                    "Every part can be ordered for ten years.",
                                    "Rinse it at once and it stays new.",
                                    "Stands where the old one stood.")));
}

package dev.larder.suite;

import java.util.List;

/** Words that reviews, players and descriptions are made of. */
final class Wording {

    private Wording() {}

    static final List<String> CARE =
            List.of(
                    "Sent in paper, without plastic.",
                    "Comes with a card that says how to keep it.",
                    "May be returned within thirty days.",
                    "Ships on the next working day.");

    static final List<String> FIRST_NAMES =
            List.of(
                    "Ada",
                    "Alan",
                    "Amara",
                    "Anouk",
                    "Aria",
                    "Barbara",
                    "Bela",
                    "Carlos",
                    "Chidi",
                    "Clara",
                    "Dana",
                    "Diego",
                    "Edsger",
                    "Elif",
                    "Emil",
                    "Farah",
                    "Freya",
                    "Grace",
                    "Hana",
                    "Hugo",
                    "Ines",
                    "Ivan",
                    "Jonas",
                    "Joy",
                    "Kaito",
                    "Katya",
                    "Lars",
                    "Leila",
                    "Linus",
                    "Lucia",
                    "Mads",
                    "Margaret",
                    "Mei",
                    "Milo",
                    "Nadia",
                    "Niels",
                    "Noor",
                    "Olga",
                    "Omar",
                    "Paula",
                    "Petra",
                    "Quinn",
                    "Radia",
                    "Rosa",
                    "Samir",
                    "Sofia",
                    "Tariq",
                    "Tove",
                    "Uma",
                    "Viktor",
                    "Wanda",
                    "Xenia",
                    "Yusuf",
                    "Zora");

    static final List<String> SECOND_WORDS =
            List.of(
                    "Alder", "Badger", "Basil", "Beacon", "Birch", "Comet", "Copper", "Cricket",
                    "Dune", "Ember", "Falcon", "Fern", "Flint", "Gale", "Ginger", "Harbor", "Hazel",
                    "Heron", "Indigo", "Ivy", "Jasper", "Juniper", "Kestrel", "Lark", "Lemon",
                    "Maple", "Marble", "Nettle", "Nutmeg", "Oak", "Orchid", "Otter", "Pepper",
                    "Pine", "Quartz", "Quill", "Raven", "River", "Saffron", "Sparrow", "Thistle",
                    "Thyme", "Tulip", "Umber", "Vale", "Violet", "Walnut", "Willow", "Wren",
                    "Yarrow");

    /** By number of stars, from one. */
    static final List<List<String>> OPENINGS =
            List.of(
                    List.of("A disappointment.", "I sent it back.", "Not again."),
                    List.of(
                            "I had hoped for more.",
                            "Somewhat let down.",
                            "It is all right, barely."),
                    List.of("Decent.", "Does what it should.", "No complaints, no joy."),
                    List.of("Very good.", "I like it a lot.", "Would buy it again."),
                    List.of("Could not be better.", "Exactly right.", "I have told everyone."));

    static final List<List<String>> REMARKS =
            List.of(
                    List.of(
                            "It arrived damaged and nobody wrote back for a week.",
                            "Looks nothing like the picture.",
                            "Mine lasted for a fortnight."),
                    List.of(
                            "For the price there are better ones.",
                            "The size is not what I understood from the description.",
                            "It took a month to get here."),
                    List.of(
                            "I would have liked a bit more for the money.",
                            "The packaging was nicer than the thing.",
                            "My old one was as good."),
                    List.of(
                            "Only the delivery could have been faster.",
                            "One star less because it comes in one size.",
                            "My neighbour has asked where it is from."),
                    List.of(
                            "We use it every single day.",
                            "A present at first; now I have one, too.",
                            "It is rare to find something made with this much care."));
}

/// Dialogues that the embedded model never heard: no sentence of them is in its training.
struct HeldOutDialogue: Sendable {
    struct Turn: Sendable {
        let text: String
        /// How long the teacher of the voice takes for it.
        let teacherSeconds: Double
    }

    /// Spoken in turn by the first and the second speaker.
    let turns: [Turn]

    var script: String {
        turns.enumerated().map { "[S\($0 % 2 + 1)]\($1.text)" }.joined()
    }

    var words: [String] { turns.flatMap { Self.words($0.text) } }

    var teacherSeconds: Double { turns.reduce(0) { $0 + $1.teacherSeconds } }

    /// The middle three fifths of each turn, in shares of the dialogue, as the teachers time it.
    var middles: [ClosedRange<Double>] {
        var begin = 0.0
        return turns.map { turn in
            defer { begin += turn.teacherSeconds }
            return (begin + 0.2 * turn.teacherSeconds) / teacherSeconds...(begin + 0.8 * turn.teacherSeconds)
                / teacherSeconds
        }
    }

    private init(_ turns: [(String, Double)]) { self.turns = turns.map { Turn(text: $0, teacherSeconds: $1) } }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && $0 != "'" }.map(String.init)
    }

    static let all = [
        HeldOutDialogue([
            ("She has six ideas and six friends.", 2.32), ("She has six songs and two ideas.", 2.64),
            ("Let us talk about travel and language.", 2.48), ("She has eight dogs and four questions.", 2.48),
        ]),
        HeldOutDialogue([
            ("She has ten cats and seven dogs.", 2.24), ("She has six songs and seven questions.", 3.04),
            ("She has six friends and eight dogs.", 2.08), ("She has three questions and four dogs.", 2.56),
            ("She has seven cats and ten cats.", 2.08),
        ]),
        HeldOutDialogue([
            ("There are ten cats in the library.", 1.92), ("She has seven songs and six books.", 2.72),
            ("She has two questions and four cats.", 2.4), ("She has nine friends and two cats.", 2.4),
        ]),
        HeldOutDialogue([
            ("There are six questions in the garden.", 2.16), ("Let us talk about movies and movies.", 2.8),
            ("Let us talk about computers and science.", 2.8), ("We read four books about science.", 2.64),
            ("There are five cats in the garden.", 1.92), ("Let us talk about computers and books.", 3.04),
        ]),
        HeldOutDialogue([
            ("There are nine books in the park.", 2.16), ("There are four cats in the school.", 2.0),
            ("Let us talk about movies and books.", 2.8), ("We read ten books about science.", 2.0),
        ]),
        HeldOutDialogue([
            ("Let us talk about travel and computers.", 2.72), ("She has two dogs and nine cats.", 2.16),
            ("Let us talk about the weather and travel.", 2.8), ("I will see you at the station next week.", 2.24),
            ("She has three questions and five songs.", 2.96),
        ]),
    ]

    /// Every English word of the embedded model's training, those of the dialogues among them.
    static let vocabulary = """
        a about alice am and anna are at back be beach beautiful big books bread breakfast busy by cake can cats city
        coffee cold computer computers course david dinner do dogs eight evening fish five food for four friday friend
        friends fruit garden go going good goodbye great happy has have hear hello here history how hungry i idea ideas
        in is it language leaves let library like lunch made maria market me milk model monday more morning movies much
        music my new next nine no not ocean of old on one or park peter pizza question questions rainy read ready really
        rice river runs school science see seven she show six small so some songs sorry soup speak station story sunny
        sure talk tea tell ten thank that the there think this three tired to today tom tomorrow tonight too train travel
        two us very voice voices want warm water we weather week welcome what where why will windy with wonderful would
        yes you your
        """.split { $0.isWhitespace }.map(String.init)
}

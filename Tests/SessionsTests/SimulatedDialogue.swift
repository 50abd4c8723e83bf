import Contracts
import Sessions
import TestSupport
import Tokens

/// The world around one session: workers and a client that answer in whatever order the seed picks, may fail at any
/// moment, and keep account of what they were told.
struct SimulatedDialogue {
    private(set) var session: SpeakSession
    private var random: SeededRandom
    private let framesTotal: Int
    private let storesCodes: Bool
    /// What a shell was asked for and has not answered.
    private enum Pending: CaseIterable { case voices, prompt, store, frames, codes, audio, emit }
    private var pending: Set<Pending> = []
    private var framesMade = 0
    private var codesClosed = false
    private var decoderHas = CodeMatrix(codebooks: SampleDialogue.codebooks)
    private var framesSounded = 0
    private var clock = Duration.zero

    private(set) var faults: [String] = []
    private(set) var started: Set<SpeakSession.Child> = []
    private(set) var released: Set<SpeakSession.Child> = []
    private(set) var terminals: [SpeakSession.Directive] = []
    private(set) var sentCodes = CodeMatrix(codebooks: SampleDialogue.codebooks)
    private(set) var heard: [Float] = []
    private(set) var askedFrames = 0
    var isOver: Bool { !terminals.isEmpty }

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        framesTotal = Int.random(in: 0...60, using: &random)
        storesCodes = Bool.random(using: &random)
        let request = SampleDialogue.request(voices: Bool.random(using: &random) ? ["anna", "david"] : [])
        session = try SpeakSession(request, models: try SampleDialogue.models(), chosenSeed: 1)
        perform(session.start())
    }

    /// Lets one thing happen. False when nothing can any more.
    ///
    /// - Parameter mishap: The chance that it is a failure or the client's going away.
    mutating func step(mishap: Double) -> Bool {
        clock += .milliseconds(Int.random(in: 0...300, using: &random))
        if Double.random(in: 0..<1, using: &random) < mishap {
            let child = started.subtracting(released).sorted().randomElement(using: &random)
            if let child, Bool.random(using: &random) {
                released.insert(child)
                tell(.failed(child, CallError(.unavailable, "lost")))
            } else {
                tell(.stopped(CallError(.cancelled, "gone")))
            }
            return true
        }
        guard
            let next = Pending.allCases.filter({ pending.contains($0) && canAnswer($0) }).randomElement(using: &random)
        else { return false }
        pending.remove(next)
        tell(answer(to: next))
        return true
    }

    /// What shells may still say when it is over.
    mutating func tellLate() {
        for event: SpeakSession.Event in [
            .codesSent, .itemSent, .codesStored, .stopped(CallError(.cancelled, "late")),
            .failed(.generator, CallError(.unavailable, "late")), .promptBuilt(SampleDialogue.built()),
            .frames(FramesItem(codes: SampleDialogue.frames(0..<1), firstFrame: 0)), .audio(AudioItem(samples: [1])),
            .generated(SampleDialogue.generated(0)), .decoded(DecodeResponse(frames: 0, samples: 0, sampleRate: 1)),
        ] {
            let directives = session.handle(event, at: clock)
            if !directives.isEmpty { faults.append("\(directives) after the end") }
        }
    }

    private mutating func tell(_ event: SpeakSession.Event) { perform(session.handle(event, at: clock)) }

    private func canAnswer(_ one: Pending) -> Bool {
        switch one {
        case .audio: decoderHas.frames - framesSounded >= 4 || codesClosed
        default: true
        }
    }

    private mutating func answer(to one: Pending) -> SpeakSession.Event {
        switch one {
        case .voices:
            released.insert(.voices)
            let names = ["anna", "david"]
            return .promptsFetched(
                PromptsResponse(
                    voices: names.map(SampleDialogue.voice), audio: storesCodes ? [[1], [2]] : [],
                    codes: storesCodes ? nil : SampleDialogue.frames(0..<2), referenceCodes: nil, key: "cast"))
        case .prompt:
            released.insert(.prompt)
            return .promptBuilt(SampleDialogue.built(codes: SampleDialogue.frames(0..<2)))
        case .store:
            released.insert(.store)
            return .codesStored
        case .frames:
            guard framesMade < framesTotal else {
                released.insert(.generator)
                return .generated(SampleDialogue.generated(framesTotal))
            }
            let count = Int.random(in: 1...min(9, framesTotal - framesMade), using: &random)
            defer { framesMade += count }
            return .frames(
                FramesItem(codes: SampleDialogue.frames(framesMade..<framesMade + count), firstFrame: framesMade))
        case .codes: return .codesSent
        case .audio:
            let left = decoderHas.frames - framesSounded
            guard left > 0 else {
                released.insert(.decoder)
                return .decoded(
                    DecodeResponse(
                        frames: framesSounded, samples: framesSounded * 2, sampleRate: SampleDialogue.sampleRate))
            }
            let count = codesClosed ? left : 4
            defer { framesSounded += count }
            return .audio(
                AudioItem(samples: (framesSounded * 2..<(framesSounded + count) * 2).map { Float($0) }))
        case .emit: return .itemSent
        }
    }

    private mutating func ask(_ one: Pending) {
        if !pending.insert(one).inserted { faults.append("\(one) was asked for twice") }
    }

    private mutating func begin(_ child: SpeakSession.Child) {
        if !started.insert(child).inserted { faults.append("\(child) was started twice") }
    }

    private mutating func perform(_ directives: [SpeakSession.Directive]) {
        for directive in directives {
            if isOver { faults.append("\(directive) after the end") }
            switch directive {
            case .askVoices:
                begin(.voices)
                ask(.voices)
            case .buildPrompt:
                begin(.prompt)
                ask(.prompt)
            case .storeCodes:
                begin(.store)
                ask(.store)
            case .startGenerate: begin(.generator)
            case .startDecode:
                if framesMade == 0 { faults.append("a decoder's slot is held before there are frames") }
                begin(.decoder)
            case .takeFrames:
                askedFrames = framesMade - sentCodes.frames
                ask(.frames)
            case .sendCodes(let item):
                sentCodes.append(contentsOf: item.codes)
                decoderHas.append(contentsOf: item.codes)
                ask(.codes)
            case .finishCodes:
                if codesClosed { faults.append("codes were finished twice") }
                codesClosed = true
            case .takeAudio: ask(.audio)
            case .emit(let item):
                heard += item.samples
                if !item.samples.isEmpty, item.sampleRate != SampleDialogue.sampleRate { faults.append("a wrong rate") }
                ask(.emit)
            case .cancel(let children):
                for child in children where !started.contains(child) || !released.insert(child).inserted {
                    faults.append("\(child) was cancelled and did not run")
                }
            case .complete, .fail: terminals.append(directive)
            }
        }
    }

    /// Whether everything that came in went out, in order.
    var allWasDelivered: Bool {
        sentCodes == SampleDialogue.frames(0..<framesTotal)
            && heard == (0..<framesTotal * 2).map { Float($0) }
    }
    /// Whether what went out so far is the beginning of what came in.
    var deliveredInOrder: Bool {
        sentCodes == SampleDialogue.frames(0..<sentCodes.frames)
            && heard == heard.indices.map { Float($0) }
    }
}

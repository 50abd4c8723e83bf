import Diagnosis
import Testing

@Suite struct DiagnosisTests {
    @Test func speaksWithNotesButNotWithAFault() {
        var diagnosis = Diagnosis()
        diagnosis.add(Finding("a", .good, "is there"))
        diagnosis.add(Finding("b", .note, "is slow", remedy: "make it faster"))
        #expect(diagnosis.canSpeak)
        diagnosis.add(Finding("c", .fault, "is gone", remedy: "apt-get install c"))
        #expect(!diagnosis.canSpeak)
        #expect(
            diagnosis.text == """
                ok     a  is there
                note   b  is slow
                       → make it faster
                FAULT  c  is gone
                       → apt-get install c
                No dialogue can be spoken yet.
                """)
    }
}

@Suite struct LibraryTests {
    @Test(arguments: [("4.2", Finding.State.good), ("4.1.9", .fault), ("4.10.1", .good), ("3.9", .fault), ("5", .good)])
    func comparesVersionsByTheirNumbers(version: String, state: Finding.State) {
        #expect(Library.messaging.finding(version: version).state == state)
    }

    @Test(arguments: [nil, "", "3.2"]) func namesThePackageThatMendsIt(version: String?) {
        let finding = Library.messaging.finding(version: version)
        #expect(finding.state == .fault)
        #expect(finding.remedy == "sudo apt-get install libzmq5")
    }

    @Test func readsThePartBeforeTheWords() {
        #expect(Library.algebra.finding(version: "0.3.21 (SkylakeX)").state == .good)
        #expect(Library.algebra.finding(version: "0.2.20 (Zen)").state == .fault)
        #expect(Library.algebra.finding(version: "unknown").state == .note)
    }
}

@Suite struct ProcessorTests {
    private let text = """
        processor\t: 0
        model name\t: Some CPU @ 2.80GHz
        flags\t\t: fpu amx_tile avx avx2 fma avx512f sse

        processor\t: 1
        model name\t: Another
        flags\t\t: fpu
        """

    @Test func readsTheFirstOne() {
        let processor = Processor(cpuinfo: text)
        #expect(processor.name == "Some CPU @ 2.80GHz")
        #expect(processor.features == ["avx2", "fma", "avx512f", "amx_tile"])
        #expect(processor.finding(instructionSet: "avx512", count: 2).state == .good)
    }

    @Test func saysWhenKernelsUseLessThanThereIs() {
        let capped = Processor(cpuinfo: text).finding(instructionSet: "scalar", count: 1)
        #expect(capped.state == .note)
        #expect(capped.remedy?.contains("COLLOQUY_ISA") == true)
        let old = Processor(cpuinfo: "flags: fpu sse").finding(instructionSet: "scalar", count: 1)
        #expect(old.remedy?.contains("COLLOQUY_ISA") == false)
    }

    @Test(arguments: ["", "garbage", ":::", "flags"]) func bearsAnyText(text: String) {
        #expect(Processor(cpuinfo: text).features.isEmpty)
    }
}

@Suite struct MemoryTests {
    private let text = "MemTotal:       8000000 kB\nMemFree:  1 kB\nMemAvailable:   2000000 kB\n"

    @Test func holdsWhatIsThereAgainstWhatIsNeeded() throws {
        let memory = try #require(Memory(meminfo: text))
        #expect(memory.total == 8_192_000_000)
        #expect(memory.finding(needed: nil).state == .good)
        #expect(memory.finding(needed: 2_048_000_000).state == .good)
        #expect(memory.finding(needed: 2_048_000_001).state == .note)
        #expect(memory.finding(needed: 8_192_000_001).state == .fault)
    }

    @Test(arguments: ["", "MemTotal: x kB\nMemAvailable: 1 kB", "MemTotal: 5 kB"])
    func isUnknownFromOtherTexts(text: String) { #expect(Memory(meminfo: text) == nil) }
}

@Suite struct SuiteFindingTests {
    @Test func missesExecutables() {
        #expect(Finding.executable("colloquy-codec", in: "/opt", isThere: true).state == .good)
        let missing = Finding.executable("colloquy-codec", in: "/opt", isThere: false)
        #expect(missing.state == .fault)
        #expect(missing.fact.contains("/opt"))
    }

    /// `speak` starts a suite for itself, unless the user named a gateway.
    @Test func needsAGatewayOnlyWhereOneWasNamed() {
        #expect(Finding.gateway("ipc:///a", silence: "no answer", isNamed: false).state == .good)
        #expect(Finding.gateway("tcp://a:1", silence: "no answer", isNamed: true).state == .fault)
    }

    @Test func needsEveryServiceBehindAGateway() {
        #expect(Finding.gateway("ipc:///a", workers: ["codec"], missing: []).state == .good)
        let half = Finding.gateway("ipc:///a", workers: ["codec"], missing: ["generator"])
        #expect(half.state == .fault)
        #expect(half.remedy?.contains("colloquy-generator") == true)
    }
}

import Contracts
import Foundation
import TestSupport
import Testing
import Wire

/// Docs/Protocol.md against the code and the contracts.
@Suite struct ProtocolPageTests {
    private let page: DocumentPage

    init() throws { page = try DocumentPage("Docs/Protocol.md") }

    /// The rows of the one table under a heading.
    private func rows(_ heading: String) throws -> [[String]] {
        let tables = page.tables(under: heading)
        try #require(tables.count == 1, "one table under \(heading)")
        return tables[0].rows
    }

    @Test func everyMethodHasItsSectionAndNoOther() {
        let described = page.headings.filter { $0.hasPrefix("`") }.map(\.unquoted)
        #expect(described.sorted() == Methods.names.sorted())
    }

    @Test(arguments: Methods.names) func methodShowsItsDialogueWithMessagesOfTheContracts(method: String) throws {
        let messages = Set(try ProtoContracts().messages.keys)
        let section = page.section("`\(method)`")
        let lines = section.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        let caller = try #require(lines.first { $0.hasPrefix("C: REQUEST ") })
        let callee = try #require(lines.first { $0.hasPrefix("S: ") && $0.contains("COMPLETE ") })
        #expect(lines.contains("or S: ERROR"))
        for line in [caller, callee] {
            for named in line.matches(of: #/(?:REQUEST|COMPLETE|ITEM) ([A-Z]\w+)/#) {
                #expect(messages.contains(String(named.1)))
            }
        }
    }

    @Test func everyFieldOfEveryMessageIsOnThePage() throws {
        let contracts = try ProtoContracts()
        var described: [String: [ProtoContracts.Field]] = [:]
        for table in page.tables where table.header.dropFirst() == ["no", "type", "meaning"] {
            let name = table.header[0].unquoted
            #expect(described[name] == nil, "\(name) is described twice")
            described[name] = table.rows.map {
                ProtoContracts.Field(name: $0[0].unquoted, number: $0[1], type: $0[2])
            }
            for row in table.rows { #expect(row.count == 4 && !row[3].isEmpty, "\(name).\(row[0]) has no meaning") }
        }
        for name in contracts.messages.keys where contracts.messages[name] == [] {
            #expect(page.text.contains("`\(name)` has no fields."))
            described[name] = []
        }
        #expect(Set(described.keys) == Set(contracts.messages.keys))
        for (name, fields) in contracts.messages { #expect(described[name] == fields, "\(name)") }
    }

    @Test func kindsAreThoseOfTheContract() throws {
        let kinds = try rows("Kinds").map { "\($0[0].unquoted) = \($0[1])" }
        #expect(kinds == (try ProtoContracts().kinds))
    }

    @Test func errorCodesAndWhetherTheyMayBeTriedAgain() throws {
        let described = try rows("Errors").map { [$0[0].unquoted, $0[2]] }
        #expect(
            described == CallError.Code.known.map { [$0.rawValue, CallError($0, "").retryable ? "yes" : "no"] })
    }

    @Test func wrongMessagesAreThoseThatAreTried() throws {
        let described = try rows("Wrong messages").map { [$0[0], $0[1].unquoted] }
        #expect(described == WrongMessageTests.cases.map { [$0.name, $0.answer.rawValue] })
    }

    @Test func everyLimitHasItsValue() throws {
        var values: [String: String] = [
            "Envelope.bytesMax": "\(Envelope.bytesMax)",
            "Envelope.streamBytes": "\(Envelope.streamBytes)",
            "Envelope.textBytesMax": "\(Envelope.textBytesMax)",
            "WireLimits.ownRequestsMax": "\(WireLimits().ownRequestsMax)",
            "WireLimits.requestCreditMax": "\(WireLimits().requestCreditMax)",
            "ContractLimits.scriptBytesMax": "\(ContractLimits.scriptBytesMax)",
            "ContractLimits.transcriptBytesMax": "\(ContractLimits.transcriptBytesMax)",
            "ContractLimits.audioBytesMax": "\(ContractLimits.audioBytesMax)",
            "ContractLimits.promptsMax": "\(ContractLimits.promptsMax)",
            "ContractLimits.framesPerItemMax": "\(ContractLimits.framesPerItemMax)",
            "ContractLimits.samplesPerItemMax": "\(ContractLimits.samplesPerItemMax)",
            "ContractLimits.framesMax": "\(ContractLimits.framesMax)",
            "ContractLimits.rowsMax": "\(ContractLimits.rowsMax)",
            "ContractLimits.channelsMax": "\(ContractLimits.channelsMax)",
            "ContractLimits.silenceSecondsMax": "\(Int(ContractLimits.silenceSecondsMax))",
            "ContractLimits.voiceNameBytesMax": "\(ContractLimits.voiceNameBytesMax)",
            "SpeakRequest.secondsMaxAllowed": "\(Int(SpeakRequest.secondsMaxAllowed))",
            "ListVoicesRequest.limitMax": "\(ListVoicesRequest.limitMax)",
            "Welcome.heartbeatMilliseconds": "\(Welcome.heartbeatMilliseconds)",
            "Welcome.missedMax": "\(Welcome.missedMax)",
        ]
        for case (let name?, let value) in Mirror(reflecting: WireLimits()).children {
            values["WireLimits.\(name)"] = (value as? Duration).map { "\($0.components.seconds) s" } ?? "\(value)"
        }
        // The list above cannot miss one that the contracts have.
        let source = try String(
            contentsOf: SharedFolder.packageRoot.appending(path: "Shared/Contracts/Limits.swift"), encoding: .utf8)
        for limit in source.matches(of: #/public static let (\w+)/#) {
            #expect(values["ContractLimits.\(limit.1)"] != nil, "\(limit.1)")
        }
        let described = try rows("Limits").map { ($0[0].unquoted, $0[1]) }
        #expect(Dictionary(described) { first, _ in first } == values)
    }

    @Test func pythonClientStandsOnThePageAsItIs() throws {
        let file = try String(
            contentsOf: SharedFolder.packageRoot.appending(path: "Docs/Clients/speak.py"), encoding: .utf8)
        #expect(page.text.contains("```python\n\(file)```"))
    }
}

/// The `.proto` files, read as far as the page needs them.
struct ProtoContracts {
    struct Field: Equatable {
        let name, number, type: String
    }

    private(set) var messages: [String: [Field]] = [:]
    /// `HELLO = 1` …
    private(set) var kinds: [String] = []

    init() throws {
        let folder = SharedFolder.packageRoot.appending(path: "Shared/Contracts/Proto")
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "proto" {
            let text = try String(contentsOf: file, encoding: .utf8).replacing(#/\/\/[^\n]*/#, with: "")
            for message in text.matches(of: #/message (\w+) \{([^}]*)\}/#) {
                messages[String(message.1)] = message.2.matches(
                    of: #/((?:optional |repeated )?(?:map<\w+, \w+>|\w+)) (\w+) = (\d+);/#
                ).map { Field(name: String($0.2), number: String($0.3), type: String($0.1)) }
            }
            for kind in text.matches(of: #/enum Kind \{([^}]*)\}/#) {
                kinds += kind.1.matches(of: #/(\w+ = [1-9]\d*);/#).map { String($0.1) }
            }
        }
    }
}

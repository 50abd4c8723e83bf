import Contracts
import Testing
import Wire

@Suite struct WireEndpointTests {
    @Test(arguments: [
        "ipc:///run/colloquy/gateway.sock", "ipc://relative.sock", "tcp://127.0.0.1:0", "tcp://*:5555",
        "tcp://gateway.example:65535", "tcp://[::1]:7000",
        "ipc:///" + String(repeating: "x", count: 106),
    ]) func takes(text: String) throws {
        #expect(try WireEndpoint(text).text == text)
    }

    @Test(arguments: [
        "", "gateway.sock", "ipc://", "ipc://*", "ipc://@abstract", "tcp://", "tcp://host", "tcp://:5555",
        "tcp://host:", "tcp://host:65536", "tcp://host:-1", "tcp://ho st:1", "udp://host:1", "inproc://x",
        "ipc:///" + String(repeating: "x", count: 107),
    ]) func refuses(text: String) async {
        let error = await failure { try WireEndpoint(text) }
        #expect(error?.code == .invalidArgument)
    }
}

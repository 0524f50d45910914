using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Tests.Dns;

/// <summary>Another server, over UDP and TCP, that answers what a test has it answer.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _running;

    public FakeUpstream()
    {
        _tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _udp.Bind(_tcp.LocalEndPoint!);
        _tcp.Listen();
        _running = Task.WhenAll(AnswerDatagramsAsync(), AnswerConnectionsAsync());
    }

    public IPEndPoint EndPoint => (IPEndPoint)_udp.LocalEndPoint!;

    /// <summary>What has been asked, as text and type.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>The answers; null for silence.</summary>
    public Func<string, RecordType, Resolution?> Answer { get; set; } = static (_, _) => new Resolution(ResponseCode.NameError);

    /// <summary>An answer of one address.</summary>
    public static Resolution Address(string name, string address, uint ttl = 300) =>
        new(ResponseCode.NoError) { Answers = [ResourceRecord.Address(WireName.Parse(name), ttl, IPAddress.Parse(address))] };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _udp.Dispose();
        _tcp.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerDatagramsAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            if (AnswerTo(buffer.AsSpan(0, received.ReceivedBytes), isStream: false) is { } response)
            {
                await _udp.SendToAsync(response, SocketFlags.None, received.RemoteEndPoint, _stop.Token);
            }
        }
    }

    private async Task AnswerConnectionsAsync()
    {
        while (true)
        {
            using var client = await _tcp.AcceptAsync(_stop.Token);
            await using var stream = new NetworkStream(client);
            var head = new byte[2];
            await stream.ReadExactlyAsync(head, _stop.Token);
            var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
            await stream.ReadExactlyAsync(message, _stop.Token);
            if (AnswerTo(message, isStream: true) is { } response)
            {
                await stream.WriteAsync(new byte[] { (byte)(response.Length >> 8), (byte)response.Length }, _stop.Token);
                await stream.WriteAsync(response, _stop.Token);
            }
        }
    }

    private byte[]? AnswerTo(ReadOnlySpan<byte> message, bool isStream)
    {
        Assert.True(Query.TryParse(message, stackalloc byte[WireName.MaxLength], out var query));
        var name = WireName.ToText(query.Name);
        Asked.Enqueue($"{name} {query.Type}{(isStream ? " tcp" : "")}");
        if (Answer(name, query.Type) is not { } resolution)
        {
            return null;
        }
        var response = new byte[ushort.MaxValue];
        var limit = isStream ? ushort.MaxValue : query.PayloadSize;
        return response[..ResponseWriter.Write(query, AnswerEncoder.Encode(query.Name, resolution), age: 0, rotation: 0, limit, response)];
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Forwarding;

/// <summary>
/// Another server. Each question has a socket, and so a port, of its own: an answer that somebody else makes up would have to guess it besides the
/// question's number.
/// </summary>
internal sealed class Upstream(IPEndPoint server, TimeProvider time)
{
    private const int MaxFailures = 2;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private int _failures;

    public IPEndPoint Server => server;

    /// <summary>Whether it answered one of the last questions, as far as is known.</summary>
    public bool IsHealthy => Volatile.Read(ref _failures) < MaxFailures && !IsLooping;

    /// <summary>Whether its questions come back to us.</summary>
    public bool IsLooping { get; set; }

    /// <summary>Asks it.</summary>
    /// <returns>Its answer; null where there was none in time.</returns>
    public async Task<Resolution?> AskAsync(byte[] name, RecordType type, bool wantsDnssec, CancellationToken cancellationToken)
    {
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var question = new Question(id, name, type, QueryWriter.Write(id, name, type, wantsDnssec));
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var resolution = await AskOverUdpAsync(question, either.Token) ?? await AskOverTcpAsync(question, either.Token);
            Volatile.Write(ref _failures, 0);
            return resolution;
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Interlocked.Increment(ref _failures);
            return null;
        }
    }

    /// <summary>Its answer; null where that has no room in a datagram.</summary>
    private async Task<Resolution?> AskOverUdpAsync(Question question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(question.Message, SocketFlags.None, cancellationToken);
        var buffer = new byte[Payload.Max];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            if (MessageReader.TryRead(buffer.AsSpan(0, length), question.Id, question.Name, question.Type, out var resolution, out var isTruncated))
            {
                return isTruncated ? null : resolution;
            }
            if (isTruncated)
            {
                return null; // cut in the middle of a record
            }
        }
    }

    private async Task<Resolution> AskOverTcpAsync(Question question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var framed = new byte[question.Message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)question.Message.Length);
        question.Message.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancellationToken);
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return MessageReader.TryRead(message, question.Id, question.Name, question.Type, out var resolution, out _) ? resolution : Resolution.ServerFailure;
    }

    private sealed record Question(ushort Id, byte[] Name, RecordType Type, byte[] Message);
}

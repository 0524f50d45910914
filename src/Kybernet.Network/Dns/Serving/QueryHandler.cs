using System.Net;
using Kybernet.Network.Dns.Messages;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Dns.Serving;

/// <summary>
/// Turns the bytes of a question into the bytes of its answer: at once where it can, else in the background. A question that cannot be answered because
/// of a fault of ours is a server failure, and the next one is answered as if nothing had been.
/// </summary>
internal sealed partial class QueryHandler(Resolver resolver, TimeProvider time, ILogger<QueryHandler> logger)
{
    /// <summary>There is an answer, but it has to be waited for: <see cref="HandleAsync"/>.</summary>
    public const int Deferred = -1;

    private uint _rotation;

    /// <summary>Answers what can be answered at once.</summary>
    /// <param name="message">What came.</param>
    /// <param name="isStream">Whether the answer may be of any length.</param>
    /// <param name="response">Takes the answer.</param>
    /// <param name="metrics">Counts it.</param>
    /// <returns>The answer's length; 0 where there is to be none; or <see cref="Deferred"/>.</returns>
    public int Handle(ReadOnlySpan<byte> message, bool isStream, Span<byte> response, DnsMetrics metrics)
    {
        Span<byte> name = stackalloc byte[WireName.MaxLength];
        if (!Query.TryParse(message, name, out var query))
        {
            return 0;
        }
        var begin = time.GetTimestamp();
        var source = AnswerSource.None;
        int length;
        try
        {
            if (query.Fault != ResponseCode.NoError)
            {
                length = ResponseWriter.WriteCode(query, query.Fault, isAuthoritative: false, response);
            }
            else if (resolver.TryFind(query, out var age, out source) is { } answer)
            {
                length = ResponseWriter.Write(query, answer, age, _rotation++, isStream ? ResponseWriter.MaxMessage : query.PayloadSize, response);
            }
            else
            {
                return Deferred;
            }
        }
#pragma warning disable CA1031 // One question's fault must not end the listener.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFault(e, WireName.ToText(query.Name));
            metrics.CountFault();
            length = ResponseWriter.WriteCode(query, ResponseCode.ServerFailure, isAuthoritative: false, response);
        }
        metrics.Count(query.Type, isStream, message.Length, response[..length], source, time.GetElapsedTime(begin));
        return length;
    }

    /// <summary>Answers what could not be answered at once.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(
        byte[] message, bool isStream, IPAddress client, DnsMetrics metrics, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        var (name, type, wantsDnssec) = Read(message);
        try
        {
            var (resolution, source) = await resolver.ResolveAsync(name, type, wantsDnssec, client, cancellationToken);
            return Write(message, isStream, AnswerEncoder.Encode(name, resolution), source, begin, metrics);
        }
#pragma warning disable CA1031 // One question's fault must not end whoever waits for the others.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFault(e, WireName.ToText(name));
            metrics.CountFault();
            return Write(message, isStream, AnswerEncoder.Encode(name, Resolution.ServerFailure), AnswerSource.None, begin, metrics);
        }
    }

    /// <summary>Refuses a question that there is no room to wait for.</summary>
    public static byte[] Refuse(byte[] message)
    {
        Query.TryParse(message, stackalloc byte[WireName.MaxLength], out var query);
        var response = new byte[Payload.Min];
        return response[..ResponseWriter.WriteCode(query, ResponseCode.Refused, isAuthoritative: false, response)];
    }

    private static (byte[] Name, RecordType Type, bool WantsDnssec) Read(byte[] message)
    {
        Query.TryParse(message, stackalloc byte[WireName.MaxLength], out var query);
        return (query.Name.ToArray(), query.Type, query.WantsDnssec);
    }

    private ReadOnlyMemory<byte> Write(byte[] message, bool isStream, EncodedAnswer answer, AnswerSource source, long begin, DnsMetrics metrics)
    {
        Query.TryParse(message, stackalloc byte[WireName.MaxLength], out var query);
        var limit = isStream ? ResponseWriter.MaxMessage : query.PayloadSize;
        var response = new byte[limit];
        var length = ResponseWriter.Write(query, answer, age: 0, rotation: 0, limit, response);
        metrics.Count(query.Type, isStream, message.Length, response.AsSpan(0, length), source, time.GetElapsedTime(begin));
        return response.AsMemory(0, length);
    }

    [LoggerMessage(LogLevel.Error, "A question for {Name} could not be answered")]
    private partial void LogFault(Exception exception, string name);
}

using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Kybernet.ApiServer.Webhooks;

/// <summary>Asks webhooks, over connections that are kept.</summary>
internal sealed class WebhookConnections(ServiceResolver services, TimeProvider time) : IDisposable
{
    private const int MaxAnswerBytes = 16 << 20;

    private readonly TargetConnections _connections = new(services, identity: null);

    /// <summary>Sends JSON, and returns the JSON of the answer.</summary>
    /// <param name="target">Whom to ask.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="body">What to send.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="WebhookException">There is no answer.</exception>
    public async Task<byte[]> PostAsync(WebhookTarget target, TimeSpan timeout, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(target.Address) { Query = $"timeout={timeout.TotalSeconds:0}s" }.Uri;
        using var deadline = new CancellationTokenSource(timeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
                Content = new ReadOnlyMemoryContent(body) { Headers = { { "Content-Type", "application/json" } } },
            };
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-apiserver-admission");
            using var response = await _connections.To(target).SendAsync(request, ending.Token);
            var answer = await ReadAsync(response, ending.Token);
            return response.IsSuccessStatusCode ? answer : throw new WebhookException(Explain(response, answer));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WebhookException($"Post \"{address}\": context deadline exceeded", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new WebhookException($"Post \"{address}\": {Reason(exception)}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connections.Dispose();

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var buffer = new MemoryStream();
        var chunk = new byte[16 << 10];
        while (await content.ReadAsync(chunk, cancellationToken) is > 0 and var count)
        {
            buffer.Write(chunk, 0, count);
            if (buffer.Length > MaxAnswerBytes)
            {
                throw new WebhookException("the answer is too large");
            }
        }
        return buffer.ToArray();
    }

    private static string Explain(HttpResponseMessage response, byte[] answer)
    {
        var text = Encoding.UTF8.GetString(answer.AsSpan(0, Math.Min(answer.Length, 2048))).Trim();
        return (int)response.StatusCode switch
        {
            404 => "the server could not find the requested resource",
            >= 500 => $"an error on the server (\"{(text.Length > 0 ? text : "unknown")}\") has prevented the request from succeeding",
            _ => $"the server rejected our request for an unknown reason: {text}",
        };
    }

    /// <summary>Why a request failed, in upstream's words where it has some.</summary>
    public static string Reason(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case WebhookException:
                    return cause.Message;
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return "dial tcp: connect: connection refused";
                case AuthenticationException:
                    return $"tls: failed to verify certificate: x509: {cause.Message}";
                default:
                    continue;
            }
        }
        return exception.GetBaseException().Message;
    }
}

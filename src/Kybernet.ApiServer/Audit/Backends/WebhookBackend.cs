using Kybernet.ApiServer.Audit.Events;
using Kybernet.Client;

namespace Kybernet.ApiServer.Audit.Backends;

/// <summary>Sends events to a webhook, some times over where it is not there or does not want them yet.</summary>
internal sealed class WebhookBackend(ConnectionSettings connection, TimeSpan initialBackoff, TimeProvider time) : IAuditSink
{
    private const int Attempts = 5;
    private const double Factor = 1.5;

    private readonly HttpTransport _transport = new(connection, time);

    /// <inheritdoc/>
    public async Task KeepAsync(IReadOnlyList<AuditEvent> items, CancellationToken cancellationToken)
    {
        var call = new ApiCall(HttpMethod.Post, connection.Server.PathAndQuery) { Body = AuditEventJson.EncodeList(items) };
        var wait = initialBackoff;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var reply = await _transport.SendAsync(call, cancellationToken);
                ApiClient.ThrowIfFailed(reply);
                return;
            }
            catch (Exception exception) when (exception is ApiException or ApiUnavailableException)
            {
                if (attempt == Attempts || exception is ApiException { Code: not (429 or >= 500) })
                {
                    throw new AuditException($"the webhook did not take them: {exception.Message}", exception);
                }
            }
            await Task.Delay(wait * (1 + (Random.Shared.NextDouble() * 0.2)), time, cancellationToken);
            wait *= Factor;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _transport.DisposeAsync();
}

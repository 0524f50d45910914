using System.Globalization;
using System.Text;
using Kybernet.ApiServer.Audit.Backends;
using Kybernet.ApiServer.Audit.Events;
using Kybernet.ApiServer.Audit.Policy;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using Microsoft.Extensions.Logging;

namespace Kybernet.ApiServer.Audit;

/// <summary>Records requests as its policy says. Where there is no policy there is no auditor, and requests pay nothing.</summary>
internal sealed class Auditor(AuditPolicy policy, IReadOnlyList<IAuditBackend> backends, TimeProvider time) : IAsyncDisposable
{
    private const string IdHeader = "Audit-ID";

    private long _events;
    private long _refused;

    /// <summary>The time.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The auditor that options ask for; null for none.</summary>
    /// <exception cref="Admission.Configuration.ConfigurationException">The options make no sense.</exception>
    public static Auditor? Create(AuditOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        if (options.Policy is not { } policy)
        {
            return null;
        }
        var logger = loggers.CreateLogger<Auditor>();
        var backends = new List<IAuditBackend>();
        if (options.Log.Path.Length > 0)
        {
            backends.Add(AuditBackends.Mode(new LogBackend(options.Log, time), options.Log.Mode, options.Log.Batch, time, logger));
        }
        if (options.Webhook.Connection is { } connection)
        {
            backends.Add(AuditBackends.Mode(new WebhookBackend(connection, options.Webhook.InitialBackoff, time), options.Webhook.Mode, options.Webhook.Batch, time, logger));
        }
        return backends.Count == 0 ? null : new Auditor(policy, backends, time);
    }

    /// <summary>Begins to record a request, if it is to be.</summary>
    /// <exception cref="ApiError">It cannot be recorded, and has to be.</exception>
    public async ValueTask BeginAsync(ApiRequest request, UserInfo user, DateTimeOffset received, CancellationToken cancellationToken)
    {
        request.AuditId = request.Headers?[IdHeader].ToString() is { Length: > 0 } given ? given : Guid.NewGuid().ToString();
        var config = policy.For(request.Info, user);
        if (config.Level == AuditLevel.None)
        {
            return;
        }
        request.Audit = new AuditTrail(this, config, request, user, received);
        if (!await request.Audit.ReceivedAsync(cancellationToken))
        {
            Interlocked.Increment(ref _refused);
            throw ApiError.Internal("failed to store audit event");
        }
    }

    /// <summary>Hands an event to all who keep events.</summary>
    /// <returns>Whether the request may go on.</returns>
    public async ValueTask<bool> RecordAsync(AuditEvent item, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _events);
        var isKept = true;
        foreach (var backend in backends)
        {
            isKept &= await backend.RecordAsync([item], cancellationToken);
        }
        return isKept;
    }

    /// <summary>Writes what was counted, in Prometheus' text format.</summary>
    public void WriteMetricsTo(StringBuilder text)
    {
        Write(text, "apiserver_audit_event_total", "Audit events sent to the backends.", Interlocked.Read(ref _events));
        Write(text, "apiserver_audit_requests_rejected_total", "Requests rejected since their event could not be kept.", Interlocked.Read(ref _refused));
        Write(text, "apiserver_audit_error_total", "Audit events that were lost.", backends.Sum(static backend => backend.Lost));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var backend in backends)
        {
            await backend.DisposeAsync();
        }
    }

    private static void Write(StringBuilder text, string name, string help, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n");
}

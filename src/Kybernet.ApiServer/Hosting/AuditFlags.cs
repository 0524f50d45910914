using Kybernet.Api.Times;
using Kybernet.ApiServer.Audit;
using Kybernet.ApiServer.Audit.Backends;

namespace Kybernet.ApiServer.Hosting;

/// <summary>Those of kube-apiserver's flags that are about recording requests.</summary>
internal static class AuditFlags
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ApiServerFlag> All { get; } =
    [
        Flag("--audit-policy-file", "FILE", "Record requests as this Policy says; where is said by the flags that follow.", static (audit, value) => audit.WithPolicy(value)),
        Log("--audit-log-path", "FILE", "Write audit events to this file; - for the standard output.", static (log, value) => log with { Path = value }),
        Log("--audit-log-format", "FORMAT", "How events are written there: json or legacy [default: json].", static (log, value) => log with { IsLegacy = IsLegacy(value) }),
        Log("--audit-log-mode", "MODE", "Whether requests wait for that: batch, blocking or blocking-strict [default: blocking].", static (log, value) => log with { Mode = AuditModes.Parse(value) }),
        Log("--audit-log-maxsize", "MB", "How large the file gets before another is begun [default: 100].", static (log, value) => log with { MaxMegabytes = AtLeastOne(value) }),
        Log("--audit-log-maxage", "DAYS", "How long earlier files are kept; 0 for ever [default: 0].", static (log, value) => log with { MaxDays = ApiServerFlags.Count(value) }),
        Log("--audit-log-maxbackup", "N", "How many earlier files are kept; 0 for any number [default: 0].", static (log, value) => log with { MaxBackups = ApiServerFlags.Count(value) }),
        Flag("--audit-webhook-config-file", "FILE", "Send audit events where this kubeconfig says.", static (audit, value) => audit.WithWebhook(value)),
        Webhook("--audit-webhook-mode", "MODE", "Whether requests wait for that: batch, blocking or blocking-strict [default: batch].", static (hook, value) => hook with { Mode = AuditModes.Parse(value) }),
        Webhook("--audit-webhook-batch-max-size", "N", "How many events are sent at a time [default: 400].", static (hook, value) => hook with { Batch = hook.Batch with { MaxEvents = AtLeastOne(value) } }),
        Webhook("--audit-webhook-batch-max-wait", "DURATION", "How long an event waits for others [default: 30s].", static (hook, value) => hook with { Batch = hook.Batch with { MaxWait = GoDuration.Parse(value) } }),
        Webhook("--audit-webhook-batch-buffer-size", "N", "How many events wait at most; more are lost [default: 10000].", static (hook, value) => hook with { Batch = hook.Batch with { BufferSize = AtLeastOne(value) } }),
        Webhook("--audit-webhook-initial-backoff", "DURATION", "How long to wait before events are sent again [default: 10s].", static (hook, value) => hook with { InitialBackoff = GoDuration.Parse(value) }),
    ];

    private static ApiServerFlag Log(string name, string value, string description, Func<AuditLogOptions, string, AuditLogOptions> apply) =>
        Flag(name, value, description, (audit, text) => audit with { Log = apply(audit.Log, text) });

    private static ApiServerFlag Webhook(string name, string value, string description, Func<AuditWebhookOptions, string, AuditWebhookOptions> apply) =>
        Flag(name, value, description, (audit, text) => audit with { Webhook = apply(audit.Webhook, text) });

    private static ApiServerFlag Flag(string name, string value, string description, Func<AuditOptions, string, AuditOptions> apply) =>
        new(name, value, description, (options, text) => options with { Audit = apply(options.Audit, text) });

    private static bool IsLegacy(string value) => value switch
    {
        "json" => false,
        "legacy" => true,
        _ => throw new FormatException("it is either json or legacy"),
    };

    private static int AtLeastOne(string value) => ApiServerFlags.Count(value) is > 0 and var count ? count : throw new FormatException("it is a number, and at least 1");
}

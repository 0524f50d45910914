using Kybernet.ApiServer.Admission.Configuration;

namespace Kybernet.ApiServer.Audit.Backends;

/// <summary>Who waits until events are kept.</summary>
internal enum AuditMode
{
    /// <summary>Nobody: events are gathered, and lost where they come faster than they can be kept.</summary>
    Batch,

    /// <summary>Requests.</summary>
    Blocking,

    /// <summary>Requests, and one whose coming in could not be kept fails.</summary>
    BlockingStrict,
}

/// <summary>How events are gathered.</summary>
internal sealed record AuditBatchOptions(int MaxEvents, TimeSpan MaxWait)
{
    /// <summary>How many events wait at most; more are lost.</summary>
    public int BufferSize { get; init; } = 10_000;
}

/// <summary>The file that events are written to.</summary>
internal sealed record AuditLogOptions
{
    /// <summary>Its path; <c>-</c> for the standard output, and empty for no file.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether events are lines for people, and not JSON.</summary>
    public bool IsLegacy { get; init; }

    /// <summary>How large it gets before another is begun.</summary>
    public int MaxMegabytes { get; init; } = 100;

    /// <summary>How long earlier ones are kept; 0 for ever.</summary>
    public int MaxDays { get; init; }

    /// <summary>How many earlier ones are kept; 0 for any number.</summary>
    public int MaxBackups { get; init; }

    /// <summary>Who waits.</summary>
    public AuditMode Mode { get; init; } = AuditMode.Blocking;

    /// <summary>How events are gathered.</summary>
    public AuditBatchOptions Batch { get; init; } = new(1, TimeSpan.Zero);
}

/// <summary>The webhook that events are sent to.</summary>
internal sealed record AuditWebhookOptions
{
    /// <summary>How it is reached; null for no webhook.</summary>
    public Kybernet.Client.ConnectionSettings? Connection { get; init; }

    /// <summary>How long to wait before the first time that something is sent again.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Who waits.</summary>
    public AuditMode Mode { get; init; } = AuditMode.Batch;

    /// <summary>How events are gathered.</summary>
    public AuditBatchOptions Batch { get; init; } = new(400, TimeSpan.FromSeconds(30));
}

/// <summary>The names of modes.</summary>
internal static class AuditModes
{
    /// <summary>Reads a mode.</summary>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static AuditMode Parse(string text) => text switch
    {
        "batch" => AuditMode.Batch,
        "blocking" => AuditMode.Blocking,
        "blocking-strict" => AuditMode.BlockingStrict,
        _ => throw new ConfigurationException($"invalid audit mode {text}, allowed modes are \"batch,blocking,blocking-strict\""),
    };
}

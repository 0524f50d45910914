namespace Kybernet.Scheduler.Framework;

/// <summary>What a plugin answers.</summary>
public enum StatusCode
{
    /// <summary>Go on.</summary>
    Success,

    /// <summary>The plugin broke; the pod is tried again after a back-off.</summary>
    Error,

    /// <summary>Not now: removing pods could help.</summary>
    Unschedulable,

    /// <summary>Not here whatever pods were removed.</summary>
    UnschedulableAndUnresolvable,

    /// <summary>Permit only: not yet.</summary>
    Wait,

    /// <summary>The plugin has nothing to say about this pod, and is left out of what follows.</summary>
    Skip,
}

/// <summary>The answer of a plugin. Made once for each reason and kept, so that refusing a node allocates nothing.</summary>
public sealed class PluginStatus
{
    private PluginStatus(StatusCode code, IReadOnlyList<string> reasons, Exception? error = null)
    {
        Code = code;
        Reasons = reasons;
        Error = error;
    }

    /// <summary>Go on.</summary>
    public static PluginStatus Success { get; } = new(StatusCode.Success, []);

    /// <summary>Nothing to say.</summary>
    public static PluginStatus Skip { get; } = new(StatusCode.Skip, []);

    /// <summary>Not yet.</summary>
    public static PluginStatus Wait { get; } = new(StatusCode.Wait, []);

    /// <summary>The answer.</summary>
    public StatusCode Code { get; }

    /// <summary>Why; what the pod's condition and events say, with the number of nodes that each holds for.</summary>
    public IReadOnlyList<string> Reasons { get; }

    /// <summary>What was thrown, where the plugin broke.</summary>
    public Exception? Error { get; }

    /// <summary>Whether to go on.</summary>
    public bool IsSuccess => Code == StatusCode.Success;

    /// <summary>Whether the plugin refuses, rather than broke.</summary>
    public bool IsRejection => Code is StatusCode.Unschedulable or StatusCode.UnschedulableAndUnresolvable;

    /// <summary>All reasons in one line.</summary>
    public string Message => string.Join(", ", Reasons);

    /// <summary>Not now: removing pods could help.</summary>
    public static PluginStatus Unschedulable(params IReadOnlyList<string> reasons) => new(StatusCode.Unschedulable, reasons);

    /// <summary>Not here whatever pods were removed.</summary>
    public static PluginStatus Unresolvable(params IReadOnlyList<string> reasons) => new(StatusCode.UnschedulableAndUnresolvable, reasons);

    /// <summary>The plugin broke.</summary>
    public static PluginStatus Failed(Exception error) => new(StatusCode.Error, [error.Message], error);
}

using System.CommandLine;
using Kybernet.Cluster;

namespace Kybernet.Commands;

/// <summary>The options that several verbs have.</summary>
internal static class CommonOptions
{
    /// <summary>Which cluster is meant.</summary>
    public static Option<string> DataDir() => new("--data-dir")
    {
        Description = "Where the cluster keeps everything; two clusters have two.",
        DefaultValueFactory = static _ => DataDirectory.Default,
        HelpName = "DIR",
    };

    /// <summary>Whether to go on in the background.</summary>
    public static Option<bool> Detach() => new("--detach") { Description = "Run in the background, and return when it is ready." };

    /// <summary>What the node is called.</summary>
    public static Option<string?> NodeName() => new("--node-name")
    {
        Description = "What this machine's node is called [default: the last one, or the host's name].", HelpName = "NAME",
    };

    /// <summary>Where a background process tells the one who waits for it.</summary>
    public static Option<string?> ReportSteps() => new("--report-steps") { Hidden = true };
}

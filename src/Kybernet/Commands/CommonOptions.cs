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
}

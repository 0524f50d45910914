using System.Globalization;
using Kybernet.Cluster;

namespace Kybernet.Output;

/// <summary>What the program says to the person at the terminal.</summary>
internal static class Message
{
    /// <summary>Says what went wrong, and what to do.</summary>
    public static void Error(string message, string hint)
    {
        Console.Error.WriteLine($"kybernet: {message}");
        if (hint.Length > 0)
        {
            Console.Error.WriteLine($"  {hint}");
        }
    }

    /// <summary>Says what to type next.</summary>
    public static void WhatNext(UpOptions options, RunningCluster cluster, bool inForeground)
    {
        var flag = Flag(options.Data);
        Console.WriteLine();
        Console.WriteLine($"The cluster is up: {cluster.Server.GetLeftPart(UriPartial.Authority)} (process {cluster.ProcessId.ToString(CultureInfo.InvariantCulture)}). Next:");
        Console.WriteLine();
        Console.WriteLine(flag.Length == 0 ? "  export KUBECONFIG=$(./kybernet kubeconfig)" : $"  export KUBECONFIG={cluster.Kubeconfig}");
        Console.WriteLine(options.WithNode ? "  kubectl get nodes -o wide" : "  kubectl api-resources");
        if (options.WithNode)
        {
            Console.WriteLine("  kubectl create -f examples/web.yaml");
        }
        Console.WriteLine();
        Console.WriteLine(inForeground
            ? $"Ctrl-C ends this process and leaves the pods running; ./kybernet down{flag} stops everything."
            : $"Stop it with: ./kybernet down{flag}");
    }

    /// <summary>Says what a foreground <c>up</c> that was interrupted leaves behind.</summary>
    public static void Stopped(UpOptions options)
    {
        if (options.WithNode)
        {
            Console.WriteLine($"The control plane has stopped; pods run on. Stop them too: ./kybernet down{Flag(options.Data)}");
        }
    }

    /// <summary>Says that this machine is a node.</summary>
    public static void Joined(DataDirectory data, RunningCluster cluster, bool inForeground)
    {
        Console.WriteLine();
        Console.WriteLine($"This machine is a node of {cluster.Server.GetLeftPart(UriPartial.Authority)} (process {cluster.ProcessId.ToString(CultureInfo.InvariantCulture)}).");
        Console.WriteLine(inForeground
            ? $"Ctrl-C ends this process and leaves the pods running; ./kybernet down{Flag(data)} stops everything."
            : $"Stop it with: ./kybernet down{Flag(data)}");
    }

    /// <summary>Says what a foreground <c>agent</c> that was interrupted leaves behind.</summary>
    public static void NodeStopped(DataDirectory data) =>
        Console.WriteLine($"The kubelet has stopped; pods run on. Stop them too: ./kybernet down{Flag(data)}");

    private static string Flag(DataDirectory data) => data.Root == DataDirectory.Default ? "" : $" --data-dir {data.Root}";
}

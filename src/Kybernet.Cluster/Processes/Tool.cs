using System.ComponentModel;
using System.Diagnostics;

namespace Kybernet.Cluster.Processes;

/// <summary>What a program answered.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>Whether it exited with 0.</summary>
    public bool Succeeded => ExitCode == 0;
}

/// <summary>Runs the programs of this machine that a node is made of.</summary>
internal static class Tool
{
    /// <summary>The Debian package that has a program, for the hint when it is missing.</summary>
    private static readonly Dictionary<string, string> Packages = new(StringComparer.Ordinal)
    {
        ["containerd"] = "containerd",
        ["ctr"] = "containerd",
        ["containerd-shim-runc-v2"] = "containerd",
        ["runc"] = "runc",
        ["nft"] = "nftables",
        ["ip"] = "iproute2",
        ["bridge"] = "iproute2",
        ["conntrack"] = "conntrack",
        ["catatonit"] = "catatonit",
        ["busybox"] = "busybox-static",
        ["umount"] = "mount",
        ["setsid"] = "util-linux",
    };

    private static readonly string[] SearchPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The path of a program. A user's own PATH often lacks the sbin folders, so those are searched too.</summary>
    /// <exception cref="ClusterException">It is not installed.</exception>
    public static string Find(string name) => TryFind(name) ?? throw new ClusterException($"{name} is not installed")
    {
        Hint = $"Install it: apt-get install {Packages.GetValueOrDefault(name, name)}",
    };

    /// <summary>The path of a program, or null where it is not installed.</summary>
    public static string? TryFind(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Concat(SearchPath)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="ClusterException">It is not installed.</exception>
    public static async Task<ToolResult> RunAsync(string name, IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Find(name), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new ToolResult(process.ExitCode, await output, (await error).Trim());
        }
        catch (Win32Exception e)
        {
            throw new ClusterException($"{name} cannot be run: {e.Message}", e);
        }
    }

    /// <summary>Runs a program that must succeed.</summary>
    /// <exception cref="ClusterException">It is not installed, or failed.</exception>
    public static async Task<string> RunCheckedAsync(string name, IReadOnlyList<string> arguments, string input, CancellationToken cancellationToken)
    {
        var result = await RunAsync(name, arguments, input, cancellationToken);
        return result.Succeeded
            ? result.Output
            : throw new ClusterException($"{name} {string.Join(' ', arguments)} failed ({result.ExitCode}): {result.Error}");
    }
}

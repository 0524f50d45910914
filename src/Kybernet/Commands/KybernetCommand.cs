using System.CommandLine;
using Kybernet.Cluster;
using Kybernet.Output;

namespace Kybernet.Commands;

/// <summary>The command line: one verb a file.</summary>
internal static class KybernetCommand
{
    /// <summary>Something went wrong, and a message said what.</summary>
    private const int Failure = 1;

    /// <summary>It was interrupted, as shells report it.</summary>
    private const int Interrupted = 130;

    /// <summary>Parses and runs.</summary>
    /// <returns>The exit code: 0 done, 1 it did not work (or the command line is wrong), 130 interrupted.</returns>
    public static async Task<int> InvokeAsync(string[] arguments, TimeProvider time)
    {
        var root = new RootCommand("Kybernet: Kubernetes on one machine, from one command.")
        {
            UpCommand.Create(time),
            AgentCommand.Create(time),
            KubeletCommand.Create(time),
            TokenCommand.Create(time),
            KubeProxyCommand.Create(time),
            DownCommand.Create(time),
            StatusCommand.Create(time),
            KubeconfigCommand.Create(),
            ImageCommand.Create(time),
            SnapshotCommand.Create(),
            StoreCommand.Create(time),
            VersionCommand.Create(),
        };
        // Ctrl-C and SIGTERM fire the verbs' token; how long the end may take is for them to say.
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
        try
        {
            return await root.Parse(arguments).InvokeAsync(configuration, CancellationToken.None);
        }
        catch (ClusterException e)
        {
            Message.Error(e.Message, e.Hint);
            return Failure;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What the machine refused names the file: that says more to a person than where in the program it was.
            Message.Error(e.Message, "");
            return Failure;
        }
        catch (OperationCanceledException)
        {
            Message.Error("interrupted", "");
            return Interrupted;
        }
    }
}

using System.CommandLine;
using Kybernet.Cluster;
using Kybernet.Output;

namespace Kybernet.Commands;

/// <summary><c>kybernet down</c>: stops a cluster and leaves nothing running; what it stored stays.</summary>
internal static class DownCommand
{
    public static Command Create(TimeProvider time)
    {
        var dataDir = CommonOptions.DataDir();
        var command = new Command("down", "Stop the cluster and everything it runs; what it stores stays, for the next 'up'.") { dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var data = new DataDirectory(parsed.GetValue(dataDir)!);
            using var steps = StepPrinter.Create(time);
            var wasUp = await new ClusterTeardown(data, steps, time).RunAsync(cancellationToken);
            steps.Complete();
            Console.WriteLine(wasUp ? $"The cluster on {data.Root} is down." : $"No cluster was running on {data.Root}.");
            return 0;
        });
        return command;
    }
}

using System.CommandLine;
using Kybernet.Cluster;
using Spectre.Console;

namespace Kybernet.Commands;

/// <summary><c>kybernet status</c>: whether the cluster is up, and what it runs.</summary>
internal static class StatusCommand
{
    /// <summary>As system service managers report a service that does not run.</summary>
    private const int NotRunning = 3;

    public static Command Create(TimeProvider time)
    {
        var dataDir = CommonOptions.DataDir();
        var command = new Command("status", "Show whether the cluster is up, and what it runs. Exits with 3 when it is not.") { dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var data = new DataDirectory(parsed.GetValue(dataDir)!);
            var status = await new ClusterStatusReader(time).ReadAsync(data, cancellationToken);
            Print(status);
            return status.IsUp ? 0 : NotRunning;
        });
        return command;
    }

    private static void Print(ClusterStatus status)
    {
        if (Console.IsOutputRedirected)
        {
            foreach (var (name, value) in status.Facts)
            {
                Console.WriteLine($"{name}: {value}");
            }
            return;
        }

        var grid = new Grid().AddColumn().AddColumn();
        foreach (var (name, value) in status.Facts)
        {
            grid.AddRow(new Text(name, new Style(decoration: Decoration.Dim)), new Text(value));
        }
        AnsiConsole.Write(grid);
    }
}

using System.CommandLine;
using System.Globalization;
using Kybernet.Cluster;
using Kybernet.Cluster.Snapshots;

namespace Kybernet.Commands;

/// <summary><c>kybernet snapshot</c>: copies of a whole cluster, to keep and to restore.</summary>
internal static class SnapshotCommand
{
    public static Command Create() => new("snapshot", "Copy a cluster into a file, with its objects, certificates and keys, and make it anew from one.")
    {
        CreateSave(), CreateStatus(), CreateRestore(),
    };

    private static Argument<string> File(string description) => new("FILE") { Description = description };

    private static Command CreateSave()
    {
        var file = File("The file to write. Whoever reads it has the cluster's keys.");
        var dataDir = CommonOptions.DataDir();
        var command = new Command("save", "Copy the cluster, while it runs or not.") { file, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Print(await ClusterSnapshots.SaveAsync(new DataDirectory(parsed.GetValue(dataDir)!), parsed.GetValue(file)!, cancellationToken));
            return 0;
        });
        return command;
    }

    private static Command CreateStatus()
    {
        var file = File("A file that 'save' wrote.");
        var command = new Command("status", "Check a snapshot, and say what it holds.") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Print(await ClusterSnapshots.StatusAsync(parsed.GetValue(file)!, cancellationToken));
            return 0;
        });
        return command;
    }

    private static Command CreateRestore()
    {
        var file = File("A file that 'save' wrote.");
        var dataDir = CommonOptions.DataDir();
        var command = new Command("restore", "Make the cluster of a snapshot anew in a data directory that has none.") { file, dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var data = new DataDirectory(parsed.GetValue(dataDir)!);
            await ClusterSnapshots.RestoreAsync(parsed.GetValue(file)!, data, cancellationToken);
            Console.WriteLine($"Start it with: kybernet up --data-dir {data.Root}");
            return 0;
        });
        return command;
    }

    private static void Print(SnapshotStatus status) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"revision {status.Revision}, {status.Objects} objects, {status.Bytes} bytes, verified"));
}

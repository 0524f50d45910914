using System.CommandLine;
using System.Globalization;
using Kybernet.Cluster;
using Kybernet.Cluster.Snapshots;

namespace Kybernet.Commands;

/// <summary><c>kybernet store</c>: looks after the embedded store's file.</summary>
internal static class StoreCommand
{
    /// <summary>Something is wrong with the store, or was lost.</summary>
    private const int Damaged = 1;

    public static Command Create(TimeProvider time) => new("store", "Look for damage in the file that a cluster's objects are in, and mend it.") { CreateCheck(), CreateRepair(time) };

    private static Command CreateCheck()
    {
        var dataDir = CommonOptions.DataDir();
        var command = new Command("check", "Check the file's pages, and what is in them, while the cluster runs or not.") { dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await ClusterStore.CheckAsync(new DataDirectory(parsed.GetValue(dataDir)!), cancellationToken);
            foreach (var problem in report.Problems)
            {
                Console.WriteLine(problem);
            }
            var found = report.Problems.Count == 0 ? "no problems" : "damaged; stop the cluster and repair it: kybernet store repair";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"revision {report.Revision}, {report.Keys} keys, {found}"));
            return report.Problems.Count == 0 ? 0 : Damaged;
        });
        return command;
    }

    private static Command CreateRepair(TimeProvider time)
    {
        var dataDir = CommonOptions.DataDir();
        var command = new Command("repair", "Make a new file out of all that can be read of a damaged one, which is kept. The cluster must be stopped.") { dataDir };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await ClusterStore.RepairAsync(new DataDirectory(parsed.GetValue(dataDir)!), time, cancellationToken);
            foreach (var lost in report.Lost)
            {
                Console.WriteLine($"lost: {lost}");
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"saved {report.Keys} keys, at revision {report.Revision}; the damaged files are in {report.DamagedFiles}"));
            return report.Lost.Count == 0 ? 0 : Damaged;
        });
        return command;
    }
}

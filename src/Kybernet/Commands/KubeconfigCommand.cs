using System.CommandLine;
using Kybernet.Cluster;

namespace Kybernet.Commands;

/// <summary><c>kybernet kubeconfig</c>: prints the path of the administrator's kubeconfig, for <c>export KUBECONFIG=$(kybernet kubeconfig)</c>.</summary>
internal static class KubeconfigCommand
{
    public static Command Create()
    {
        var dataDir = CommonOptions.DataDir();
        var command = new Command("kubeconfig", "Print the path of the administrator's kubeconfig.") { dataDir };
        command.SetAction(parsed =>
        {
            var data = new DataDirectory(parsed.GetValue(dataDir)!);
            if (!File.Exists(data.Kubeconfig))
            {
                throw new ClusterException($"there is no cluster on {data.Root}") { Hint = "Start one: kybernet up" };
            }
            Console.WriteLine(data.Kubeconfig);
            return 0;
        });
        return command;
    }
}

using System.CommandLine;
using Kybernet.Cluster;
using Kybernet.Cluster.Joining;
using Kybernet.Output;

namespace Kybernet.Commands;

/// <summary><c>kybernet agent</c>: makes this machine a node of a cluster that runs elsewhere.</summary>
internal static class AgentCommand
{
    public static Command Create(TimeProvider time)
    {
        var dataDir = CommonOptions.DataDir();
        var detach = CommonOptions.Detach();
        var server = new Option<string?>("--server") { Description = "The API server [default: the one that was joined].", HelpName = "https://HOST:PORT" };
        var token = new Option<string?>("--token") { Description = "The token to join with; `kybernet token create` on the server makes one.", HelpName = "TOKEN" };
        var hash = new Option<string?>("--ca-cert-hash") { Description = "The hash that the cluster's authority must have.", HelpName = "sha256:HEX" };
        var nodeName = CommonOptions.NodeName();
        var labels = new Option<string[]>("--node-label") { Description = "A label for the node; may be given several times.", HelpName = "KEY=VALUE" };
        var reportSteps = CommonOptions.ReportSteps();

        var command = new Command("agent", "Make this machine a node of a cluster whose server runs elsewhere, or go on being one.")
        {
            server, token, hash, nodeName, labels, dataDir, detach, reportSteps,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new AgentOptions(new DataDirectory(parsed.GetValue(dataDir)!))
            {
                Server = parsed.GetValue(server),
                Token = parsed.GetValue(token),
                AuthorityHash = parsed.GetValue(hash),
                NodeName = parsed.GetValue(nodeName),
                Labels = parsed.GetValue(labels) ?? [],
            };
            var runner = new BackgroundRunner(options.Data, time)
            {
                Check = _ =>
                {
                    AgentRunner.Check(options);
                    return Task.CompletedTask;
                },
                Run = (steps, log, ready, token) => new AgentRunner(options, steps, log, time).RunAsync(ready, token),
                Arguments = ArgumentsOf(options),
                Ready = (cluster, inForeground) => Message.Joined(options.Data, cluster, inForeground),
                Stopped = () => Message.NodeStopped(options.Data),
            };
            return runner.RunAsync(parsed.GetValue(detach), parsed.GetValue(reportSteps), cancellationToken);
        });
        return command;
    }

    private static List<string> ArgumentsOf(AgentOptions options)
    {
        var arguments = new List<string> { "agent", "--data-dir", options.Data.Root };
        foreach (var (option, value) in ((string, string?)[])
            [("--server", options.Server), ("--token", options.Token), ("--ca-cert-hash", options.AuthorityHash), ("--node-name", options.NodeName)])
        {
            if (value is not null)
            {
                arguments.AddRange([option, value]);
            }
        }
        foreach (var label in options.Labels)
        {
            arguments.AddRange(["--node-label", label]);
        }
        return arguments;
    }
}

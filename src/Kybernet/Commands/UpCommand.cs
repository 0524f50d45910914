using System.CommandLine;
using System.Globalization;
using Kybernet.Cluster;
using Kybernet.Output;

namespace Kybernet.Commands;

/// <summary><c>kybernet up</c>: starts a cluster, or goes on with one that was stopped or crashed.</summary>
internal static class UpCommand
{
    public static Command Create(TimeProvider time)
    {
        var dataDir = CommonOptions.DataDir();
        var detach = CommonOptions.Detach();
        var port = new Option<int?>("--https-port") { Description = "The port of the API server [default: the last one, or 6443].", HelpName = "N" };
        var noNode = new Option<bool>("--no-node") { Description = "Only the control plane: no containers, and no root needed." };
        var nodeName = CommonOptions.NodeName();
        var podCidr = new Option<string?>("--pod-network-cidr") { Description = "The addresses of pods [default: the first of 10.244.0.0/16, 10.245.0.0/16, ... that is free].", HelpName = "CIDR" };
        var serviceCidr = new Option<string?>("--service-cidr") { Description = "The addresses of Services [default: the first of 10.96.0.0/16, 10.97.0.0/16, ... that no other cluster here has].", HelpName = "CIDR" };
        var network = new Option<string?>("--network") { Description = "How pods reach those of other nodes: vxlan, host-gw, or none where another CNI plugin sees to it [default: vxlan].", HelpName = "KIND" };
        var ingressHttp = new Option<int?>("--ingress-http-port") { Description = "The port for HTTP to Ingresses [default: the last one, or 80; another where it is taken].", HelpName = "N" };
        var ingressHttps = new Option<int?>("--ingress-https-port") { Description = "The port for HTTPS to Ingresses [default: the last one, or 443; another where it is taken].", HelpName = "N" };
        var datastore = new DatastoreFlags();
        var apiServer = new ApiServerFlagSet();
        var reportSteps = CommonOptions.ReportSteps();
        foreach (var option in (Option<int?>[])[port, ingressHttp, ingressHttps])
        {
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() is < 1 or > 65535)
                {
                    result.AddError($"{option.Name} must be between 1 and 65535.");
                }
            });
        }

        var command = new Command("up", "Start a cluster on this machine, or go on with it where it left off.")
        {
            dataDir, detach, port, noNode, nodeName, podCidr, serviceCidr, network, ingressHttp, ingressHttps, reportSteps,
        };
        datastore.AddTo(command);
        apiServer.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new UpOptions(new DataDirectory(parsed.GetValue(dataDir)!))
            {
                HttpsPort = parsed.GetValue(port),
                NodeName = parsed.GetValue(nodeName),
                PodCidr = parsed.GetValue(podCidr),
                ServiceCidr = parsed.GetValue(serviceCidr),
                Network = parsed.GetValue(network),
                IngressHttpPort = parsed.GetValue(ingressHttp),
                IngressHttpsPort = parsed.GetValue(ingressHttps),
                Datastore = datastore.Of(parsed),
                ApiServerFlags = apiServer.Of(parsed),
                WithNode = !parsed.GetValue(noNode),
            };
            var runner = new BackgroundRunner(options.Data, time)
            {
                Check = token => ClusterRunner.CheckAsync(options, token),
                Run = (steps, log, ready, token) => new ClusterRunner(options, steps, log, time).RunAsync(ready, token),
                Arguments = [.. ArgumentsOf(options), .. datastore.ArgumentsOf(options.Datastore), .. ApiServerFlagSet.ArgumentsOf(options.ApiServerFlags)],
                Ready = (cluster, inForeground) => Message.WhatNext(options, cluster, inForeground),
                Stopped = () => Message.Stopped(options),
            };
            return runner.RunAsync(parsed.GetValue(detach), parsed.GetValue(reportSteps), cancellationToken);
        });
        return command;
    }

    private static List<string> ArgumentsOf(UpOptions options)
    {
        var arguments = new List<string> { "up", "--data-dir", options.Data.Root };
        foreach (var (option, number) in ((string, int?)[])
            [("--https-port", options.HttpsPort), ("--ingress-http-port", options.IngressHttpPort), ("--ingress-https-port", options.IngressHttpsPort)])
        {
            if (number is { } given)
            {
                arguments.AddRange([option, given.ToString(CultureInfo.InvariantCulture)]);
            }
        }
        foreach (var (option, value) in ((string, string?)[])
            [("--node-name", options.NodeName), ("--pod-network-cidr", options.PodCidr), ("--service-cidr", options.ServiceCidr), ("--network", options.Network)])
        {
            if (value is not null)
            {
                arguments.AddRange([option, value]);
            }
        }
        if (!options.WithNode)
        {
            arguments.Add("--no-node");
        }
        return arguments;
    }
}

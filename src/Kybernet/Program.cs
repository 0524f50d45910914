using Kybernet.Commands;

// The command line and nothing else: what the verbs do is in Kybernet.Cluster.
return await KybernetCommand.InvokeAsync(args, TimeProvider.System);

// Turns the table of the container runtime interface into the .proto that Kybernet.Kubelet compiles: only what the kubelet calls, and what that needs.
//   dotnet run --project tools/Kybernet.CriProto -- FACTS-FOLDER/cri-v1.tsv src/Kybernet.Kubelet/Runtime/cri.proto
using Kybernet.CriProto;

if (args is not [var facts, var destination])
{
    Console.Error.WriteLine("usage: Kybernet.CriProto CRI-TABLE DESTINATION");
    return 2;
}

string[] methods =
[
    "Version", "Status", "RunPodSandbox", "StopPodSandbox", "RemovePodSandbox", "PodSandboxStatus", "ListPodSandbox",
    "CreateContainer", "StartContainer", "StopContainer", "RemoveContainer", "ListContainers", "ContainerStatus", "UpdateContainerResources",
    "ReopenContainerLog", "ExecSync", "Exec", "Attach", "PortForward", "ListContainerStats", "UpdateRuntimeConfig",
    "ListImages", "ImageStatus", "PullImage", "RemoveImage", "ImageFsInfo",
];
File.WriteAllText(destination, ProtoWriter.Write(CriTable.Read(facts), methods));
return 0;

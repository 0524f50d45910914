namespace Kybernet.Kubelet.Volumes;

/// <summary>A file that a volume shows.</summary>
/// <param name="Content">What is in it.</param>
/// <param name="Mode">Its permission bits.</param>
internal readonly record struct PayloadFile(ReadOnlyMemory<byte> Content, int Mode)
{
    /// <summary>Its owner where it is to be another than root; null otherwise.</summary>
    public long? Owner { get; init; }
}

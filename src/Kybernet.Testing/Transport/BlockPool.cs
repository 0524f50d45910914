using System.Buffers;
using Microsoft.AspNetCore.Connections.Features;

namespace Kybernet.Testing.Transport;

/// <summary>Memory for connections in blocks: whoever asks for any amount gets a whole one, which the server counts on and the shared pool does not give.</summary>
internal sealed class BlockPool : MemoryPool<byte>, IMemoryPoolFeature
{
    private const int BlockSize = 4096;

    public static BlockPool Instance { get; } = new();

    MemoryPool<byte> IMemoryPoolFeature.MemoryPool => this;

    public override int MaxBufferSize => Shared.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockSize));

    protected override void Dispose(bool disposing)
    {
    }
}

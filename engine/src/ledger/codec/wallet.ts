import type { RecordEvent } from '../records.ts'
import type { WalletTransferType } from '../wallet/records.ts'
import { amountOf, type Json, nullableText, numberOf, textOf } from './json.ts'

type WalletEvent = Extract<RecordEvent, { kind: 'wallet_open' | 'wallet_transfer' | 'escrow_open' | 'escrow_end' }>

export function encodeWalletEvent(event: WalletEvent): Json {
  switch (event.kind) {
    case 'wallet_open':
      return [event.wallet.id, event.wallet.opening.toString(), event.wallet.at]
    case 'wallet_transfer': {
      const { id, type, agent, to, amount, memo, at, upTo } = event.transfer
      const fixed = [id, type, agent, to, amount.toString(), memo, at]
      return upTo === undefined ? fixed : [...fixed, upTo.toString()]
    }
    case 'escrow_open': {
      const { id, payer, payee, amount, memo, at } = event.escrow
      return [id, payer, payee, amount.toString(), memo, at]
    }
    case 'escrow_end': {
      const { id, paid, refunded, reason, at } = event.end
      return [id, paid.toString(), refunded.toString(), reason, at]
    }
  }
}

export function decodeWalletEvent(kind: WalletEvent['kind'], values: readonly Json[]): WalletEvent {
  const [id, second = null, third = null, fourth = null, fifth = null, sixth = null, seventh = null, eighth] = values
  switch (kind) {
    case 'wallet_open':
      return { kind, wallet: { id: textOf(id), opening: amountOf(second), at: numberOf(third) } }
    case 'wallet_transfer': {
      const type = textOf(second) as WalletTransferType
      const [agent, to, amount, memo, at] = [textOf(third), nullableText(fourth), amountOf(fifth), nullableText(sixth), numberOf(seventh)]
      const upTo = eighth === undefined ? {} : { upTo: amountOf(eighth) }
      return { kind, transfer: { id: textOf(id), type, agent, to, amount, memo, at, ...upTo } }
    }
    case 'escrow_open': {
      const [payer, payee, amount, memo, at] = [textOf(second), textOf(third), amountOf(fourth), nullableText(fifth), numberOf(sixth)]
      return { kind, escrow: { id: textOf(id), payer, payee, amount, memo, at } }
    }
    case 'escrow_end': {
      const [paid, refunded, reason, at] = [amountOf(second), amountOf(third), nullableText(fourth), numberOf(fifth)]
      return { kind, end: { id: textOf(id), paid, refunded, reason, at } }
    }
  }
}
